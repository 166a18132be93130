/** The location that migration 0003 makes; stock is taken from it until a shop has several. */
export const DEFAULT_LOCATION_ID = '00000000-0000-4000-8000-000000000001';
