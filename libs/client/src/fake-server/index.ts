export { FakeServer, type FakeCall, type Fault } from './fake-server.ts';
export type { FakeRequest } from './fake-request.ts';
