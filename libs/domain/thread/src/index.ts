export { AUDITOR_ROLE, mayRead, mayWithdraw } from './may-read.ts';
export { isSettled, isTerminal, REQUEST_STATUSES, type RequestStatus } from './status.ts';
export { statusOf } from './status-of.ts';
export { foldThread, type Thread, type ThreadEvents } from './thread.ts';
