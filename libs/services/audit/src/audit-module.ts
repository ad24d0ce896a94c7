import { Module, type DynamicModule } from '@nestjs/common';
import type { ServiceContext } from '@countersign/service-host';
import { AuditController } from './audit.controller.ts';
import { ReadCase } from './case/read-case.ts';
import { ListEvents } from './events/list-events.ts';
import { RecordReading } from './evidence/record-reading.ts';
import { LiveProjection } from './projection/live-projection.ts';
import { RebuildProjection } from './projection/rebuild-projection.ts';
import { ListRequests } from './requests/list-requests.ts';

@Module({})
class AuditModule {}

/** The audit service: finds requests, tells their whole story, and checks its own projection by replay. */
export const auditModule = (context: ServiceContext): DynamicModule => {
  const { mode } = context.config;
  const projection = new LiveProjection(context);
  const parts = { ...context, mode, projection, recordReading: new RecordReading(context) };
  context.lifecycle.add(projection);
  return {
    module: AuditModule,
    controllers: [AuditController],
    providers: [
      { provide: ListRequests, useValue: new ListRequests(parts) },
      { provide: ReadCase, useValue: new ReadCase(parts) },
      { provide: ListEvents, useValue: new ListEvents(parts) },
      { provide: RebuildProjection, useValue: new RebuildProjection(parts) },
    ],
  };
};
