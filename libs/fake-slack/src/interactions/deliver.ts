import type { SocketMode } from '../socket-mode.ts';
import type { FakeTeam } from '../world.ts';
import type { AppReply } from './app-reply.ts';
import type { SignedCall } from './signed-call.ts';

/** The app's request URL, or a function in its place. */
export type Interactivity = string | ((call: SignedCall) => Promise<AppReply>);

/** Over HTTP; 504 where the app doesn't answer in time. */
export const deliverOverHttp = async (
  to: Interactivity | undefined,
  call: SignedCall,
  withinMs: number,
): Promise<AppReply> => {
  if (to === undefined) return { status: 503, body: '' };
  if (typeof to === 'function') return to(call);
  try {
    const response = await fetch(to, {
      method: 'POST',
      headers: call.headers,
      body: new Uint8Array(call.rawBody),
      signal: AbortSignal.timeout(withinMs),
    });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 504, body: '' };
  }
};

export const deliver = (
  team: FakeTeam,
  payload: object,
  call: SignedCall,
  via: { readonly to: Interactivity | undefined; readonly socketMode: SocketMode; readonly withinMs: number },
): Promise<AppReply> =>
  team.appToken === undefined
    ? deliverOverHttp(via.to, call, via.withinMs)
    : via.socketMode.deliver(team, payload, via.withinMs);
