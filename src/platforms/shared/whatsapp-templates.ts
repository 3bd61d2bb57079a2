import type { ApprovedTemplate } from '../../core/approved-template.ts';

interface Component {
  type?: unknown;
  format?: unknown;
  text?: unknown;
  buttons?: unknown;
}

interface Button {
  type?: unknown;
  text?: unknown;
  url?: unknown;
}

interface Listed {
  name?: unknown;
  language?: unknown;
  status?: unknown;
  category?: unknown;
  quality_score?: { score?: unknown };
  components?: unknown;
}

interface Page {
  data?: unknown;
  paging?: { cursors?: { after?: unknown }; next?: unknown };
}

const pageSize = 100;
/** Meta lets an account have 6,000 templates. */
const mostPages = 60;
const fields = 'name,language,status,category,quality_score,components';

/** All templates of a business account (Business Management API, GET /{waba-id}/message_templates), page by page. */
export async function listTemplates(
  get: (path: string) => Promise<object>,
  business: string,
): Promise<ApprovedTemplate[]> {
  const templates: ApprovedTemplate[] = [];
  let after = '';
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/${encodeURIComponent(business)}/message_templates?fields=${fields}&limit=${pageSize}${after}`;
    const { data, paging } = (await get(path)) as Page;
    for (const one of Array.isArray(data) ? (data as (Listed | null)[]) : []) {
      if (typeof one?.name === 'string' && typeof one.language === 'string') templates.push(read(one));
    }
    const cursor = paging?.cursors?.after;
    if (paging?.next === undefined || typeof cursor !== 'string') break;
    after = `&after=${encodeURIComponent(cursor)}`;
  }
  return templates;
}

function read({ name, language, status, category, quality_score: quality, components }: Listed): ApprovedTemplate {
  const parts = (Array.isArray(components) ? components : []) as (Component | null)[];
  const part = (type: string) => parts.find((one) => String(one?.type).toUpperCase() === type);
  const body = String(part('BODY')?.text ?? '');
  const header = part('HEADER');
  const footer = part('FOOTER')?.text;
  const given = part('BUTTONS')?.buttons;
  const buttons = (Array.isArray(given) ? given : []) as (Button | null)[];
  const textOf = (one: Button | null) => String(one?.text ?? '');
  const open = buttons.filter(isOpen).map(textOf);
  return {
    name: String(name),
    language: String(language),
    status: String(status ?? 'UNKNOWN'),
    category: String(category ?? 'UNKNOWN'),
    quality: String(quality?.score ?? 'UNKNOWN'),
    body,
    variables: new Set(body.match(/\{\{\w+\}\}/g)).size,
    header: headerOf(header),
    ...(typeof footer === 'string' ? { footer } : {}),
    buttons: buttons.map(textOf),
    ...(open.length > 0 ? { openButtons: open } : {}),
  };
}

/** A line of text without a variable comes from Meta as it is. */
function headerOf(header: Component | null | undefined): ApprovedTemplate['header'] {
  if (header === undefined || header === null) return 'none';
  const format = String(header.format).toUpperCase();
  if (format === 'IMAGE') return 'image';
  return format === 'TEXT' && !String(header.text ?? '').includes('{{') ? 'none' : 'other';
}

/** Addresses with a variable and codes to copy are refused without their parameter (131008). */
function isOpen(button: Button | null): boolean {
  return String(button?.type).toUpperCase() === 'COPY_CODE' || String(button?.url ?? '').includes('{{');
}
