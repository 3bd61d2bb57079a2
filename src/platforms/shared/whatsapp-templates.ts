import type { ApprovedTemplate } from '../../core/approved-template.ts';

interface Component {
  type?: unknown;
  format?: unknown;
  text?: unknown;
  buttons?: unknown;
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
  const buttons = part('BUTTONS')?.buttons;
  return {
    name: String(name),
    language: String(language),
    status: String(status ?? 'UNKNOWN'),
    category: String(category ?? 'UNKNOWN'),
    quality: String(quality?.score ?? 'UNKNOWN'),
    body,
    variables: new Set(body.match(/\{\{\w+\}\}/g)).size,
    header:
      header === undefined || header === null
        ? 'none'
        : String(header.format).toUpperCase() === 'IMAGE'
          ? 'image'
          : 'other',
    ...(typeof footer === 'string' ? { footer } : {}),
    buttons: (Array.isArray(buttons) ? (buttons as ({ text?: unknown } | null)[]) : []).map((one) =>
      String(one?.text ?? ''),
    ),
  };
}
