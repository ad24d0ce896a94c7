import { describeOnRealServer } from './real-server-spec-helpers.ts';

await describeOnRealServer();
