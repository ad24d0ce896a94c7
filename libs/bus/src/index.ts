export type { Bus, Doorbell, Hearing, RequestOptions } from './bus.ts';
export { BusError, type BusErrorCode } from './bus-error.ts';
