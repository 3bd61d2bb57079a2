/** A form that a platform keeps and approves, as it has it. */
export interface ApprovedTemplate {
  name: string;
  language: string;
  /** As the platform has it: APPROVED, PAUSED, REJECTED … */
  status: string;
  category: string;
  /** GREEN, YELLOW, RED or UNKNOWN. */
  quality: string;
  /** With `{{1}}` for what is filled in. */
  body: string;
  /** How many different ones are filled in. */
  variables: number;
  /** What is to be filled in on top; a line that is always the same is `none`. */
  header: 'none' | 'image' | 'other';
  footer?: string;
  /** Texts of its buttons. */
  buttons: string[];
  /** Texts of buttons that something has to be filled into. Absent: of none. */
  openButtons?: string[];
}

/** A form that a channel is set to fill. */
export interface UsedTemplate {
  name: string;
  language: string;
  /** The approved body, as the channel has it. */
  text: string;
  header: 'none' | 'image';
}
