export { DueWork, type DueWorkOptions, type DueWorkStatus } from './due-work.ts';
export { Follower, type FollowerOptions, type FollowerState, type FollowerStatus } from './follower.ts';
export type { Projection, ViewRow, ViewStatements } from './projection.ts';
export { removeView, replaceView, View } from './view.ts';
