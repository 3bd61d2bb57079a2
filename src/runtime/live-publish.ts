import type { Publish } from '../pipeline/publish.ts';
import type { Runtime } from './open.ts';
import type { OpenAccounts } from './publishers.ts';

/** The way of deliveries under one configuration. */
interface Era {
  accounts: OpenAccounts;
  publish: Publish;
  atWork: number;
  isOver: boolean;
}

/**
 * Each delivery goes the way that `build` gives for the configuration of the moment, and finishes on it. `onRenewed` is
 * called after each change, and once more when nothing is left of what was before it.
 */
export function createLivePublish(
  { hold, onConfig }: Pick<Runtime, 'hold' | 'onConfig'>,
  build: (accounts: OpenAccounts) => Publish,
  onRenewed: () => void,
): Publish {
  let current = begin();
  const ending = new Set<Promise<void>>();

  function begin(): Era {
    const accounts = hold();
    return { accounts, publish: build(accounts), atWork: 0, isOver: false };
  }

  function end({ publish, accounts }: Era): void {
    const work = publish.settled().then(() => {
      accounts.release();
      onRenewed();
    });
    ending.add(work);
    void work.finally(() => ending.delete(work));
  }

  onConfig(() => {
    const before = current;
    current = begin();
    before.isOver = true;
    if (before.atWork === 0) end(before);
    onRenewed();
  });

  return {
    async deliver(job, about) {
      const era = current;
      era.atWork += 1;
      try {
        return await era.publish.deliver(job, about);
      } finally {
        era.atWork -= 1;
        if (era.isOver && era.atWork === 0) end(era);
      }
    },
    async settled() {
      await current.publish.settled();
      await Promise.all(ending);
    },
  };
}
