export { REQUEST_STATUSES, type RequestStatus } from './status.ts';
