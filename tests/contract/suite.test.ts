import { describe, expect, it } from 'vitest';
import { checks, exercisePlatform } from './suite/exercise.ts';
import { defects, sampleSubject } from './suite/sample-platform.ts';

const once = 'one request a send, and readers see the text of the post';
const unreadable = 'an answer that cannot be read is unconfirmed';
const broken = 'a connection that breaks after writing leaves the post unconfirmed';
const unreachable = 'what fails before the request is written was not posted';
const deadline = 'a deadline ends the wait, and the connection with it';
const idle = 'every request has a connection of its own, which is closed after it';
const found = 'a post that was accepted but not answered is found, with the receipt it should have had';
const other = 'what was not accepted, says something else, or was there long before is not found';
const failedLook = 'a look that fails says why, and never that nothing is there';
const edited = 'an edit shows the new text in the same message, with one request, and may be repeated';
const removed = 'a removal takes the message away, with one request, and may be repeated';
const lost = 'a change whose answer is lost is unconfirmed, and succeeds when it is made again';
const said = 'an answer to a change that cannot be read is unconfirmed, and a page says nothing of the message';
const pure = 'compose is pure, and never over the limit by the platform’s own count';

/** The check that has to report each defect. */
const reportedBy: Record<(typeof defects)[number], string> = {
  'retries a 5xx': unreadable,
  'retries a reset': broken,
  'takes a reset for success': broken,
  'takes any 200 for success': unreadable,
  'follows redirects': 'a redirect is never followed, and never posted again',
  'names the token in messages': broken,
  'keeps the token in a cause': broken,
  'ignores the deadline': deadline,
  'leaves the connection open after the deadline': deadline,
  'never calls beforeWrite': 'beforeWrite is called once, and before anything arrives',
  'calls beforeWrite twice': 'beforeWrite is called once, and before anything arrives',
  'wraps what beforeWrite throws': 'what beforeWrite throws comes out as it is, and nothing arrives',
  'ignores an aborted signal': 'an aborted signal sends nothing',
  'uses connections again': idle,
  'takes a broken connection for not posted': broken,
  'takes a refused connection for posted': unreachable,
  'throws bare errors': unreachable,
  'waits a second after each limit': 'documented answers become their class, code, wait and effect',
  'forgets the path of the base address': 'a path in the base address is kept, with and without a closing slash',
  'posts twice': once,
  'forgets the post before':
    'each part is a request of its own, and answers the part before where the platform has threads',
  'forgets pictures': once,
  'publishes while it uploads': once,
  'publishes while it identifies': 'identify tells a name and publishes nothing',
  'names the token in the receipt': once,
  'counts up to another limit': pure,
  'leaves an empty line for a missing address': 'what an article lacks leaves no empty line, label or button',
  'composes at random': pure,
  'changes the article': pure,
  'shows another text than it composed': once,
  'stops at a sign': 'readers see exactly the text of the post, whatever signs it holds',
  'finds nothing': found,
  'remembers that nothing was there': found,
  'finds any post': other,
  'finds posts from long before': other,
  'finds a part anywhere': 'a part of a thread is found in its place only',
  'reads the first page only': 'a post is found behind many newer ones',
  'takes a failed look for nothing': failedLook,
  'leaves a failed look a maybe': failedLook,
  'publishes while it looks': 'looking publishes nothing',
  'forgets what it answers':
    'a post in answer to a message of ours is sent everywhere, and shows it where there are answers',
  'answers one message with every part': 'of a thread in answer to a message the later parts answer the part before',
  'finds an answer anywhere':
    'an answer that was accepted but not answered is found below its message, and nowhere else',
  'edits by posting anew': edited,
  'forgets pictures when it edits': edited,
  'takes an unchanged text for a failure': edited,
  'asks before it changes': edited,
  'takes what is gone already for a failure': removed,
  'removes the newest message': removed,
  'takes a missing message for edited': 'an edit of a message that is gone is refused with code gone',
  'forgets that it is too late': 'what the platform lets be changed no more is refused with code too-late',
  'lets a text beyond the limit leave': 'an edit to a text beyond the limit is refused before it leaves',
  'takes a lost change for made': lost,
  'takes a lost change for not made': lost,
  'sends a change again': lost,
  'takes any answer to a change for success': said,
  'takes any 404 for gone': said,
  'ignores the deadline of a change': 'a deadline ends a change, and an aborted one never leaves',
  'never calls beforeWrite of a change':
    'beforeWrite of a change is called once, before anything arrives, and may refuse',
  'names the token when a change fails': 'no secret in the error of a change',
};

describe.concurrent('the contract suite', () => {
  it('finds nothing wrong with an honest platform that brings its own simulated server', async () => {
    expect(await exercisePlatform(sampleSubject())).toEqual([]);
  });

  for (const defect of defects) {
    it(`reports a platform that ${defect}`, async () => {
      const chosen = checks.filter(({ name }) => name === reportedBy[defect]);
      const findings = await exercisePlatform(sampleSubject(defect), chosen);
      expect(findings.map(({ check }) => check)).toEqual([reportedBy[defect]]);
    });
  }
});
