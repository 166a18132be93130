import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/metrics.js';
import { PaymentsRepository } from './review/payments.repository.js';

/** How many payments have not ended, asked when the metrics are read. */
@Injectable()
export class PaymentMetrics {
  constructor(@Inject(Metrics) metrics: Metrics, @Inject(PaymentsRepository) payments: PaymentsRepository) {
    metrics.gauge(
      'payments_unsettled',
      'Payments without an end, by state; review waits for a person.',
      ['state'],
      async (gauge) => {
        // Without PostgreSQL the other metrics are wanted all the more.
        const counts = await payments.countUnsettled().catch(() => undefined);
        gauge.reset();
        for (const { state, count } of counts ?? []) gauge.set({ state }, count);
      },
    );
  }
}
