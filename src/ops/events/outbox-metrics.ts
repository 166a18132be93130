import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/metrics.js';
import { type OutboxBacklog, OutboxRepository } from '../../platform/outbox/outbox.repository.js';

/** How much waits for delivery, queried when the metrics are read. */
@Injectable()
export class OutboxMetrics {
  constructor(@Inject(Metrics) metrics: Metrics, @Inject(OutboxRepository) outbox: OutboxRepository) {
    let asked: Promise<OutboxBacklog | undefined> | undefined;
    // Both gauges are read at once and share a query. If PostgreSQL is down, the other metrics still go out.
    const backlogNow = () => {
      asked ??= outbox
        .backlog()
        .catch(() => undefined)
        .finally(() => {
          asked = undefined;
        });
      return asked;
    };
    metrics.gauge('outbox_events', 'Events that wait for delivery, by state.', ['state'], async (gauge) => {
      const backlog = await backlogNow();
      gauge.reset();
      if (!backlog) return;
      gauge.set({ state: 'waiting' }, backlog.waiting);
      gauge.set({ state: 'dead' }, backlog.dead);
    });
    metrics.gauge('outbox_oldest_age_seconds', 'Age of the oldest event that waits.', [], async (gauge) => {
      const backlog = await backlogNow();
      if (backlog) gauge.set(backlog.oldestAgeS);
      else gauge.reset();
    });
  }
}
