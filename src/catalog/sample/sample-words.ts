// The words that the sample catalogue is made of.

export interface Department {
  /** Name of the collection and of the product type. */
  readonly name: string;
  /** Code that SKUs begin with. */
  readonly code: string;
  readonly vendors: readonly string[];
  readonly materials: readonly string[];
  /** What is sold, with its lowest price in whole dollars and its weight in grams. */
  readonly things: readonly (readonly [name: string, dollars: number, grams: number])[];
  /** Ways in which its products vary; one is chosen for each product. */
  readonly choices: readonly Choices[];
  readonly features: readonly string[];
}

/** Options with their values in order; none for a product of one variant. */
export type Choices = readonly (readonly [name: string, values: readonly string[]])[];

/** Names of lines that products belong to. */
export const lines = [
  ...['Alder', 'Amber', 'Arbor', 'Aster', 'Bay', 'Birch', 'Bramble', 'Brook', 'Cedar', 'Clover'],
  ...['Coast', 'Copper', 'Dune', 'Elm', 'Fern', 'Field', 'Fjord', 'Flint', 'Harbor', 'Hazel'],
  ...['Heath', 'Hollow', 'Iris', 'Ivy', 'Juniper', 'Lark', 'Linden', 'Marsh', 'Meadow', 'Moss'],
  ...['North', 'Oak', 'Orchard', 'Pebble', 'Pine', 'Quarry', 'River', 'Sage', 'Slate', 'Willow'],
] as const;

const colors = ['Natural', 'Ink Blue', 'Moss Green', 'Rust', 'Charcoal'];

export const departments: readonly Department[] = [
  {
    name: 'Clothing',
    code: 'CLO',
    vendors: ['Loom & Thread', 'Fieldhand Clothing', 'Nordvind'],
    materials: ['Linen', 'Merino', 'Organic Cotton', 'Wool', 'Corduroy', 'Hemp'],
    things: [
      ...([
        ['Shirt', 49, 280],
        ['T-Shirt', 24, 180],
        ['Sweater', 79, 520],
        ['Cardigan', 89, 560],
      ] as const),
      ...([
        ['Jacket', 129, 900],
        ['Trousers', 69, 480],
        ['Dress', 89, 400],
        ['Scarf', 35, 160],
      ] as const),
    ],
    choices: [
      [['Size', ['S', 'M', 'L', 'XL']]],
      [
        ['Size', ['S', 'M', 'L']],
        ['Color', colors.slice(0, 2)],
      ],
      [
        ['Size', ['XS', 'S', 'M', 'L', 'XL']],
        ['Color', colors.slice(1, 4)],
      ],
    ],
    features: ['Garment-dyed for an even tone', 'Reinforced seams', 'Machine wash at 30 °C', 'Cut with 2" of ease'],
  },
  {
    name: 'Home',
    code: 'HOM',
    vendors: ['Hearth Works', 'Still Room', 'Atelier Nord'],
    materials: ['Stoneware', 'Oak', 'Smoked Glass', 'Brass', 'Rattan', 'Walnut'],
    things: [
      ...([
        ['Vase', 38, 900],
        ['Table Lamp', 96, 1_800],
        ['Tray', 42, 700],
        ['Candle Holder', 24, 350],
      ] as const),
      ...([
        ['Wall Hook', 14, 120],
        ['Picture Frame', 29, 600],
        ['Side Table', 180, 6_500],
        ['Basket', 46, 800],
      ] as const),
    ],
    choices: [[], [], [['Color', colors.slice(0, 3)]], [['Size', ['Small', 'Large']]]],
    features: ['Finished by hand', 'Every piece differs a little', 'Felt pads underneath', 'Wipe with a dry cloth'],
  },
  {
    name: 'Kitchen',
    code: 'KIT',
    vendors: ['Copper Kettle', 'Plain Table', 'Hearth Works'],
    materials: ['Stoneware', 'Beech', 'Cast Iron', 'Enamel', 'Steel', 'Olive Wood'],
    things: [
      ...([
        ['Mug', 16, 340],
        ['Teapot', 54, 1_100],
        ['Serving Bowl', 39, 950],
        ['Cutting Board', 44, 1_300],
      ] as const),
      ...([
        ['Skillet', 62, 2_400],
        ['Salad Servers', 22, 150],
        ['Storage Jar', 19, 600],
        ['Pepper Mill', 34, 310],
      ] as const),
    ],
    choices: [
      [],
      [['Color', colors.slice(0, 4)]],
      [['Size', ['Small', 'Medium', 'Large']]],
      [['Set', ['Single', 'Set of 4']]],
    ],
    features: ['Safe in the dishwasher', 'Made to be repaired', 'Seasoned with linseed oil', 'Holds 12 oz'],
  },
  {
    name: 'Food',
    code: 'FOO',
    vendors: ['Hill Farm Pantry', 'Three Bees', 'Slow Roastery'],
    materials: ['Wild', 'Roasted', 'Single Origin', 'Smoked', 'Stone-Ground', 'Small-Batch'],
    things: [
      ...([
        ['Coffee', 12, 250],
        ['Honey', 9, 330],
        ['Berry Jam', 7, 220],
        ['Black Tea', 8, 100],
      ] as const),
      ...([
        ['Olive Oil', 18, 500],
        ['Dark Chocolate', 5, 80],
        ['Granola', 8, 400],
        ['Sea Salt', 6, 150],
      ] as const),
    ],
    choices: [[], [['Size', ['Small', 'Large']]], [['Pack', ['1', '3', '6']]]],
    features: ['Keeps for a year unopened', 'No additives', 'Packed where it is made', 'Store cool & dry'],
  },
  {
    name: 'Books',
    code: 'BOO',
    vendors: ['Lantern Press', 'Paper Harbor', 'Old Mill Editions'],
    materials: ['Illustrated', 'Annotated', 'Collected', 'Little', 'Revised', 'Pocket'],
    things: [
      ...([
        ['Almanac', 19, 420],
        ['Cookbook', 28, 980],
        ['Atlas', 39, 1_450],
        ['Field Guide', 22, 510],
      ] as const),
      ...([
        ['Anthology', 18, 460],
        ['Songbook', 16, 380],
        ['Herbal', 26, 640],
        ['Journal', 14, 300],
      ] as const),
    ],
    choices: [[['Format', ['Hardcover', 'Paperback', 'E-book']]], [['Format', ['Hardcover', 'Paperback']]], []],
    features: ['Thread-sewn binding', 'Printed on recycled paper', 'With a ribbon & an index', 'First edition'],
  },
  {
    name: 'Garden',
    code: 'GAR',
    vendors: ['Potting Shed', 'Green Row', 'Hill Farm Pantry'],
    materials: ['Terracotta', 'Zinc', 'Forged', 'Ash', 'Heirloom', 'Willow'],
    things: [
      ...([
        ['Planter', 32, 2_100],
        ['Trowel', 24, 320],
        ['Watering Can', 48, 1_200],
        ['Seed Box', 21, 450],
      ] as const),
      ...([
        ['Bird Feeder', 29, 700],
        ['Garden Twine', 8, 200],
        ['Hand Rake', 26, 380],
        ['Trellis', 58, 3_400],
      ] as const),
    ],
    choices: [[], [], [['Size', ['12 cm', '18 cm', '24 cm']]], [['Color', colors.slice(2, 5)]]],
    features: ['Stands frost', 'Handle of oiled ash', 'Grows old gracefully', 'Fits most window sills'],
  },
  {
    name: 'Stationery',
    code: 'STA',
    vendors: ['Paper Harbor', 'Ink & Rule', 'Plain Table'],
    materials: ['Cotton-Paper', 'Brass', 'Clothbound', 'Recycled', 'Beech', 'Leather'],
    things: [
      ...([
        ['Notebook', 14, 260],
        ['Pencil Case', 22, 90],
        ['Desk Pad', 36, 800],
        ['Letter Set', 18, 210],
      ] as const),
      ...([
        ['Ruler', 9, 60],
        ['Planner', 24, 340],
        ['Fountain Pen', 48, 40],
        ['Pen Tray', 27, 280],
      ] as const),
    ],
    choices: [
      [],
      [['Color', colors]],
      [
        ['Ruling', ['Plain', 'Lined', 'Dotted']],
        ['Size', ['A5', 'A6']],
      ],
    ],
    features: ['Opens flat', 'Takes ink well', 'Made to be refilled', '100 gsm paper'],
  },
  {
    name: 'Outdoors',
    code: 'OUT',
    vendors: ['Nordvind', 'Waymark', 'Fieldhand Clothing'],
    materials: ['Waxed Canvas', 'Recycled Nylon', 'Titanium', 'Steel', 'Ripstop', 'Cork'],
    things: [
      ...([
        ['Backpack', 119, 1_150],
        ['Water Bottle', 28, 260],
        ['Camp Mug', 19, 140],
        ['Dry Bag', 26, 190],
      ] as const),
      ...([
        ['Head Lamp', 42, 95],
        ['Picnic Blanket', 58, 1_050],
        ['Hammock', 74, 820],
        ['Tool Roll', 36, 340],
      ] as const),
    ],
    choices: [
      [],
      [['Color', colors.slice(1, 4)]],
      [
        ['Volume', ['15 L', '25 L']],
        ['Color', colors.slice(0, 2)],
      ],
    ],
    features: ['Tested in rain', 'Buckles can be replaced', 'Packs into its own pocket', 'Repaired free of charge'],
  },
];
