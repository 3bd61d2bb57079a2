import type { AnswerCase, ChangeCase } from '../suite/subject.ts';

const fail = (status: number, description: string, parameters?: object) => ({
  status,
  body: { ok: false, error_code: status, description, ...(parameters ? { parameters } : {}) },
});
const pause = { is: 'rejected', effect: 'pause-channel' } as const;

/** Bot API server (its source), and field reports. */
export const telegramAnswers = (): AnswerCase[] => [
  {
    ...fail(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
    is: 'rate-limited',
    code: '429',
    scope: 'chat',
    retryAfterMs: 7_000,
  },
  { ...fail(429, 'Too Many Requests: retry later'), is: 'rate-limited', scope: 'chat' },
  { ...fail(400, 'Bad Request: message is too long'), is: 'rejected', code: '400' },
  { ...fail(400, 'Bad Request: message text is empty'), is: 'rejected' },
  { ...fail(400, "Bad Request: can't parse entities: Unsupported start tag"), is: 'rejected' },
  { ...fail(400, 'Bad Request: chat not found'), is: 'rejected' },
  { ...fail(400, 'Bad Request: message thread not found'), is: 'rejected' },
  { ...fail(400, 'Bad Request: message to be replied not found'), is: 'rejected' },
  { ...fail(400, 'Bad Request: PHOTO_INVALID_DIMENSIONS'), is: 'rejected' },
  {
    ...fail(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1001234567890 }),
    ...pause,
  },
  { ...fail(400, 'Bad Request: not enough rights to send text messages to the chat'), ...pause },
  { ...fail(400, 'Bad Request: need administrator rights in the channel chat'), ...pause },
  { ...fail(400, 'Bad Request: CHAT_WRITE_FORBIDDEN'), ...pause },
  { ...fail(403, 'Forbidden: bot was kicked from the channel chat'), ...pause, code: '403' },
  { ...fail(403, 'Forbidden: bot was kicked from the supergroup chat'), ...pause },
  { ...fail(403, 'Forbidden: bot is not a member of the channel chat'), ...pause },
  { ...fail(403, 'Forbidden: bot was blocked by the user'), ...pause },
  { ...fail(403, 'Forbidden: user is deactivated'), ...pause },
  { ...fail(403, 'Forbidden: the group chat was deleted'), ...pause },
  { ...fail(401, 'Unauthorized'), is: 'unauthorized', code: '401' },
  { ...fail(404, 'Not Found'), is: 'unauthorized', code: '404' },
  { ...fail(404, 'Not Found: method not found'), is: 'rejected' },
  { ...fail(400, 'Bad Request: FROZEN_METHOD_INVALID'), is: 'unauthorized' },
  { ...fail(413, 'Request Entity Too Large'), is: 'rejected' },
  { ...fail(500, 'Internal Server Error: restart'), is: 'unconfirmed', code: '500' },
  { ...fail(502, 'Bad Gateway'), is: 'unconfirmed', code: '502' },
  { ...fail(504, 'Gateway Timeout'), is: 'unconfirmed' },
  { status: 200, body: { ok: true, result: { chat: { id: 1 } } }, is: 'unconfirmed', code: 'unreadable' },
];

const edit = { to: 'edit' } as const;
const remove = { to: 'remove' } as const;
const gone = { is: 'rejected', code: 'gone' } as const;
const tooLate = { is: 'rejected', code: 'too-late' } as const;

/** The same of edits and deletions. */
export const telegramChanges = (): ChangeCase[] => [
  {
    ...edit,
    ...fail(
      400,
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    ),
    is: 'done',
  },
  { ...edit, ...fail(400, 'Bad Request: message to edit not found'), ...gone },
  { ...edit, ...fail(400, 'Bad Request: MESSAGE_ID_INVALID'), ...gone },
  { ...edit, ...fail(400, "Bad Request: message can't be edited"), ...tooLate },
  { ...edit, ...fail(400, 'Bad Request: MESSAGE_EDIT_TIME_EXPIRED'), ...tooLate },
  { ...edit, ...fail(400, 'Bad Request: there is no text in the message to edit'), is: 'rejected', code: '400' },
  { ...edit, ...fail(400, 'Bad Request: need administrator rights in the channel chat'), ...pause, code: '400' },
  { ...edit, status: 200, body: { ok: true, result: true }, is: 'done' },
  { ...edit, status: 200, body: { ok: true }, is: 'unconfirmed', code: 'unreadable' },
  { ...remove, ...fail(400, 'Bad Request: message to delete not found'), is: 'done' },
  { ...remove, ...fail(400, 'Bad Request: MESSAGE_ID_INVALID'), is: 'done' },
  { ...remove, ...fail(400, "Bad Request: message can't be deleted"), ...tooLate },
  { ...remove, ...fail(400, "Bad Request: message can't be deleted for everyone"), ...tooLate },
  { ...remove, ...fail(400, 'Bad Request: MESSAGE_DELETE_FORBIDDEN'), ...tooLate },
  { ...remove, ...fail(400, 'Bad Request: chat not found'), is: 'rejected', code: '400' },
  { ...remove, ...fail(403, 'Forbidden: bot was kicked from the channel chat'), ...pause, code: '403' },
  { ...remove, ...fail(401, 'Unauthorized'), is: 'unauthorized' },
  { ...remove, ...fail(502, 'Bad Gateway'), is: 'unconfirmed' },
  ...[edit, remove].map((to) => ({
    ...{ ...to, ...fail(429, 'Too Many Requests: retry after 9', { retry_after: 9 }) },
    ...({ is: 'rate-limited', code: '429', scope: 'chat', retryAfterMs: 9_000 } as const),
  })),
];
