import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CatalogService } from '../../catalog/index.js';
import { availabilityStates, InventoryService, MAX_AVAILABILITY_VARIANTS } from '../../inventory/index.js';
import { notFound } from '../../platform/errors.js';
import { Endpoint } from '../../platform/http/endpoint.decorator.js';
import { plainText } from '../../platform/http/plain-text.js';

const params = z.strictObject({ idOrHandle: plainText(1, 300) });
const answer = z
  .object({
    variants: z.array(
      z.object({
        variantId: z.uuid(),
        available: z.int().nullable().describe('What can be bought now; null when it is not counted.'),
        state: z.enum(availabilityStates),
      }),
    ),
  })
  .meta({ id: 'Availability' });

/** What can be put into a cart now. Stock is never inside a cached product document, so it has a route of its own. */
@ApiTags('catalogue')
@Controller('v1/products/:idOrHandle/availability')
export class AvailabilityController {
  constructor(
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(InventoryService) private readonly inventory: InventoryService,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @Endpoint({ summary: 'Live stock of each variant of a product', responses: { 200: answer }, errors: ['not_found'] })
  async read(@Param({ schema: params }) { idOrHandle }: z.infer<typeof params>): Promise<z.infer<typeof answer>> {
    const variantIds = await this.catalog.variantIdsOf(idOrHandle);
    if (!variantIds) throw notFound('The product');
    return { variants: await this.inventory.availability(variantIds.slice(0, MAX_AVAILABILITY_VARIANTS)) };
  }
}
