import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { canonicalBytes, isJsonObject, toEpochMs } from '@countersign/kernel';
import type { AppendResult, EventEnvelope, RecordedEvent } from '@countersign/event-store';

const { AppendResp, ReadResp } = streams;
const { Empty, StreamIdentifier, UUID } = shared;

/** `created` counts 100 ns since the Unix epoch. */
const TICKS_PER_MS = 10_000n;
const LEADER = gossip.MemberInfo.VNodeState.LEADER;
const FOLLOWER = gossip.MemberInfo.VNodeState.FOLLOWER;

export const nameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

const identifierOf = (stream: string): shared.StreamIdentifier =>
  new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8').toString('base64'));

const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));

/** The envelope in a proposed message; what isn't one is left to the store's own checks to refuse. */
export const envelopeOf = (message: streams.AppendReq.ProposedMessage): EventEnvelope => {
  const body = jsonOf(message.getData_asU8());
  const { schemaVersion, data } = isJsonObject(body) ? body : {};
  return {
    id: message.getId()?.getString(),
    type: message.getMetadataMap().get('type'),
    schemaVersion,
    data,
    metadata: jsonOf(message.getCustomMetadata_asU8()),
  } as EventEnvelope;
};

export const appended = ({
  revision,
  position,
}: Pick<AppendResult, 'revision' | 'position'>): streams.AppendResp =>
  new AppendResp().setSuccess(
    new AppendResp.Success()
      .setCurrentRevision(String(revision))
      .setPosition(new AppendResp.Position().setCommitPosition(position).setPreparePosition(position)),
  );

/** `head` is -1 for an absent stream. */
export const wrongExpectedVersion = (head: number): streams.AppendResp => {
  const refused = new AppendResp.WrongExpectedVersion();
  if (head < 0) refused.setCurrentNoStream(new Empty());
  else refused.setCurrentRevision(String(head));
  return new AppendResp().setWrongExpectedVersion(refused);
};

export const eventAnswer = (event: RecordedEvent): streams.ReadResp => {
  const { id, type, schemaVersion, data, metadata, stream, revision, position, committedAt } = event;
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString(id))
    .setStreamIdentifier(identifierOf(stream))
    .setStreamRevision(String(revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(canonicalBytes({ schemaVersion, data }))
    .setCustomMetadata(canonicalBytes(metadata));
  recorded
    .getMetadataMap()
    .set('type', type)
    .set('content-type', 'application/json')
    .set('created', String(BigInt(toEpochMs(committedAt)) * TICKS_PER_MS));
  return new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position));
};

/** The metadata event of a stream of which everything before a revision was truncated. */
export const truncationAnswer = (stream: string, before: number): streams.ReadResp => {
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString('00000000-0000-4000-8000-000000000000'))
    .setStreamIdentifier(identifierOf(`$$${stream}`))
    .setStreamRevision('0')
    .setData(Buffer.from(JSON.stringify({ $tb: before })));
  return new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(recorded));
};

export const notFoundAnswer = (stream: string): streams.ReadResp =>
  new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(stream)));

export const confirmationAnswer = (id: string): streams.ReadResp =>
  new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(id));

export const caughtUpAnswer = (): streams.ReadResp => new ReadResp().setCaughtUp(new ReadResp.CaughtUp());

/** What each node tells of the cluster. */
export const clusterAnswer = (host: string, ports: readonly number[], leader: number): gossip.ClusterInfo =>
  new gossip.ClusterInfo().setMembersList(
    ports.map((port) =>
      new gossip.MemberInfo()
        .setInstanceId(new UUID().setString('00000000-0000-4000-8000-000000000000'))
        .setTimeStamp('0')
        .setState(port === leader ? LEADER : FOLLOWER)
        .setIsAlive(true)
        .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port)),
    ),
  );
