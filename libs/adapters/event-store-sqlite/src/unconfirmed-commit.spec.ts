import { describe, expect, it } from 'vitest';
import { appendNew, openStore, temporaryFolder, wholeLog } from './spec-helpers.ts';

describe('a commit that the disk does not confirm', () => {
  it('is in doubt, ends all writing until the store is opened anew, and says so', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder, { faults: { unconfirmedCommit: 2 } });
    await appendNew(store, 'request-1');
    expect(store.whyNotWritable()).toBeUndefined();

    await expect(appendNew(store, 'request-2')).rejects.toMatchObject({ code: 'append_uncertain' });
    expect(store.whyNotWritable()).toContain('restarted');
    await expect(appendNew(store, 'request-3')).rejects.toMatchObject({ code: 'store_unavailable' });
    await store.close();

    const reopened = await openStore(folder);
    expect(reopened.whyNotWritable()).toBeUndefined();
    await appendNew(reopened, 'request-3');
    const streams = (await wholeLog(reopened)).map(({ stream }) => stream);
    expect(streams).toContain('request-1');
    expect(streams).toContain('request-3');
  });
});
