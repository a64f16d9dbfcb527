// All pages of a list: each answer's Link header says where the next one is.

const NEXT = /<([^>]+)>; rel="next"/;

/** All rows of a list, or null where nobody is logged in any more; throws where it cannot be read. */
export async function all(address) {
  const rows = [];
  for (let next = address; next;) {
    const answer = await fetch(next);
    if (answer.status === 401) return null;
    if (!answer.ok) throw new Error(answer.status);
    rows.push(...await answer.json());
    next = answer.headers.get("link")?.match(NEXT)?.[1];
  }
  return rows;
}
