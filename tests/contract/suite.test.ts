import { describe, expect, it } from 'vitest';
import { checks, exercisePlatform } from './suite/exercise.ts';
import { defects, sampleSubject } from './suite/sample-platform.ts';

const once = 'one request a send, and readers see the text of the post';
const unreadable = 'an answer that cannot be read is unconfirmed';
const broken = 'a connection that breaks after writing leaves the post unconfirmed';
const unreachable = 'what fails before the request is written was not posted';
const deadline = 'a deadline ends the wait, and the connection with it';
const idle = 'a connection is kept for a moment, and let go after a few idle seconds';
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
  'keeps idle connections for ever': idle,
  'opens a connection for each post': idle,
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
