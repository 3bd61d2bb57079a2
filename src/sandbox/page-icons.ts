const stroke = (path: string, size: number) =>
  `<svg width="${size}" height="${size}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`;
const fill = (path: string, size: number) =>
  `<svg width="${size}" height="${size}" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path d="${path}"/></svg>`;

/** Signs drawn for these pages: an arrow of paper, two crossed strokes, a receiver, an f. */
export const platformIcons: Record<string, string> = {
  telegram: fill('M3 11.4 21 4l-3 16-6-4.4-3 3-.6-5L17 8 6.600 12.700z', 14),
  x: stroke('M5 4l14 16M19 4 5 20', 14),
  whatsapp: fill(
    'M8.200 5.200 6.400 6.300c-1 2.600 1.200 6.200 3.700 8.700s6.100 4.100 8.300 2.700l.9-1.900-3.300-2-1.700 1.300c-1.700-.5-3.900-2.500-4.500-4.200L10.900 9z',
    14,
  ),
  facebook: fill(
    'M13.600 21v-8h2.700l.4-3.200h-3.100V8c0-.9.3-1.500 1.600-1.500h1.600V3.600C16.500 3.500 15.600 3.400 14.700 3.400c-2.500 0-4.100 1.500-4.100 4.200v2.200H8V13h2.600v8z',
    15,
  ),
};

/** Small signs under a post. */
export const icons = {
  reply: stroke('M4 12a8 7 0 1 1 4 6.200L4 20l1-3.800A7 7 0 0 1 4 12z', 17),
  repost: stroke('M5 9l3-3 3 3M8 6v9a3 3 0 0 0 3 3h2M19 15l-3 3-3-3M16 18V9a3 3 0 0 0-3-3h-2', 17),
  like: stroke('M12 20C6 15.500 4 12.500 4 9.500A4 4 0 0 1 12 8a4 4 0 0 1 8 1.500c0 3-2 6-8 10.500z', 17),
  share: stroke('M12 15V4m-4 4 4-4 4 4M5 14v5h14v-5', 17),
  thumb: stroke(
    'M7 11v9H4v-9zm0 0 4-7c1.500 0 2.500 1 2.200 2.700L12.700 10H18c1.500 0 2.200 1 2 2.300l-1 6c-.2 1-1 1.700-2 1.700H7',
    17,
  ),
  world: stroke('M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18', 12),
  picture: stroke('M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 9h.01', 26),
};
