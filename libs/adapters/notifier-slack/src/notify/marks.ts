import type { CardDelivery, GatheredDelivery } from '@countersign/notifier';

/** What a message of ours is found by: metadata of Slack's. */
export interface Mark {
  readonly event_type: 'countersign_review' | 'countersign_gathering';
  readonly event_payload: Readonly<Record<string, string | number>>;
  /** The member of the payload that names it. */
  readonly name: 'request_id' | 'gathering_id';
}

export const markOf = ({ sheet: { requestId, version } }: Pick<CardDelivery, 'sheet'>): Mark => ({
  event_type: 'countersign_review',
  event_payload: { request_id: requestId, version },
  name: 'request_id',
});

export const markOfGathering = ({
  gatheringId,
  sheets,
}: Pick<GatheredDelivery, 'gatheringId' | 'sheets'>): Mark => ({
  event_type: 'countersign_gathering',
  event_payload: { gathering_id: gatheringId, requests: sheets.length },
  name: 'gathering_id',
});

export const metadataOf = ({ event_type, event_payload }: Mark) => ({
  event_type,
  event_payload: { ...event_payload },
});
