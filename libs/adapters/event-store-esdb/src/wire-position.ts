import { EventStoreError, type Position } from '@countersign/event-store';

/** A place in the whole log as the protocol names it: two unsigned 64-bit numbers, in decimal. */
export interface WirePosition {
  readonly commit: string;
  readonly prepare: string;
}

const NUMBER = '(0|[1-9][0-9]{0,19})';
const POSITION = new RegExp(`^${NUMBER}/${NUMBER}$`);

export const formatPosition = ({ commit, prepare }: WirePosition): Position => `${commit}/${prepare}`;

/** `unknown_position` for what this store never gave. */
export const parsePosition = (position: Position): WirePosition => {
  const [, commit, prepare] = POSITION.exec(position) ?? [];
  if (commit === undefined || prepare === undefined) throw unknownPosition(position);
  return { commit, prepare };
};

export const unknownPosition = (position: Position): EventStoreError =>
  new EventStoreError('unknown_position', `"${position}" is no position of this log; start over.`, {
    field: 'from',
  });
