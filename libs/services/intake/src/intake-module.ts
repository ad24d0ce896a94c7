import { Module, type DynamicModule } from '@nestjs/common';
import type { ServiceContext } from '@countersign/service-host';
import { Admission } from './admission/admission.ts';
import { OpenRequests } from './admission/open-requests.ts';
import { AsyncApiController } from './asyncapi/asyncapi.controller.ts';
import { CancelRequest } from './cancel-request.ts';
import { GetRequest } from './get-request.ts';
import { startReceipts } from './receipts/receipts.ts';
import { TakeRequest } from './requester-queue/take-request.ts';
import { RequestsController } from './requests.controller.ts';
import { REQUESTS_PROJECTION } from './requests-projection.ts';
import { SubmitRequest } from './submit-request.ts';
import { ThreadRings } from './thread-rings.ts';
import { WaitSeats } from './wait-seats.ts';

@Module({})
class IntakeModule {}

/** The intake service: takes requests down over HTTP and NATS, and tells their requesters where they stand. */
export const intakeModule = (context: ServiceContext): DynamicModule => {
  const rings = new ThreadRings(context.bus);
  context.lifecycle.add({ name: 'intake rings', start: () => rings.start(), stop: () => rings.stop() });
  const submitRequest = new SubmitRequest({ ...context, admission: createAdmission(context) });
  const { waits } = context.config.admission.perRequester;
  const getRequest = new GetRequest(context, rings, new WaitSeats(waits));
  context.lifecycle.add(requesterQueue(context, submitRequest));
  return {
    module: IntakeModule,
    controllers: [RequestsController, AsyncApiController],
    providers: [
      { provide: SubmitRequest, useValue: submitRequest },
      { provide: GetRequest, useValue: getRequest },
      { provide: CancelRequest, useValue: new CancelRequest(context, getRequest) },
    ],
  };
};

const createAdmission = (context: ServiceContext): Admission => {
  const { config, telemetry } = context;
  const { perRequester: caps, maxUnevaluated } = config.admission;
  const view = startReceipts(context, {
    projection: REQUESTS_PROJECTION,
    onApplied: (events) => open.applied(events),
  });
  const open = new OpenRequests(view);
  return new Admission({ open, caps, maxUnevaluated, metrics: telemetry.metrics });
};

const requesterQueue = (
  { authenticator, requesterOutlet: outlet, requestQueue, log }: ServiceContext,
  submitRequest: SubmitRequest,
) => {
  const take = new TakeRequest({ authenticator, submitRequest, outlet, log });
  let stopConsuming = (): Promise<void> => Promise.resolve();
  return {
    name: 'intake queue',
    start: () => {
      stopConsuming = requestQueue.consume((request) => take.take(request));
    },
    stop: () => stopConsuming(),
  };
};
