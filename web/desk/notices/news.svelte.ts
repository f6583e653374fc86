/** How many notices were not read: one count for the badge and the page. */
import { get } from "../../client/ask";
import type { NoticeList } from "../../client/types";

class News {
  unread = $state(0);

  /** A line that is down now is asked again later; the badge keeps its last count. */
  ask = async (): Promise<void> => {
    try {
      this.unread = (await get<NoticeList>("/api/notices")).unread;
    } catch {
      return;
    }
  };
}

export const news = new News();
