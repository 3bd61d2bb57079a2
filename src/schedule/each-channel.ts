/**
 * Does something for each channel, one after the other, and tells of each in words. What fails for one keeps the others
 * from nothing. Throws at the end where one has failed: what is repeated finds what is done.
 */
export async function eachChannel(
  channels: readonly string[],
  act: (channel: string) => Promise<string>,
): Promise<string> {
  const done: string[] = [];
  const failed: string[] = [];
  for (const channel of channels) {
    try {
      done.push(`${channel}: ${await act(channel)}`);
    } catch (error) {
      failed.push(`${channel}: ${(error as Error).message}`);
    }
  }
  if (failed.length > 0) throw new Error([...failed, ...done].join('; '));
  return done.join('; ');
}
