import type { Worker } from 'bullmq';

/**
 * Lets a worker end what it has at work, up to `deadlineMs`, then lets go of it. BullMQ's own close knows no deadline,
 * and hangs while Redis is away.
 */
export async function stopWorker(worker: Worker, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), deadlineMs);
  });
  const closed = worker.close().then(() => 'closed' as const);
  if ((await Promise.race([closed, late])) === 'late') {
    worker.close(true).catch(() => {});
    closed.catch(() => {});
  }
  clearTimeout(timer);
}
