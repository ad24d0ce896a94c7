import { isOwnerPerson } from './eligible.ts';
import { seatCandidates, type Candidate, type Seating } from './quorum.ts';
import type { ReviewRecord } from './review.ts';

/** Approvals that may count at all. Nobody counts for what is their own, whatever the record says. */
const countable = ({ opened, decisions }: ReviewRecord): readonly Candidate[] =>
  decisions
    .filter(({ decision }) => decision === 'approve')
    .filter(({ approver }) => approver !== opened.initiator && !isOwnerPerson(approver, [opened.owner]))
    .map(({ approver, groups }) => ({ person: approver, groups }));

/** The state of the quorum, from the whole record, over persons; the same answer whoever asks, whenever. */
export const deriveQuorum = (record: ReviewRecord): Seating =>
  seatCandidates(record.opened.requirements, countable(record), record.escalatedAt);
