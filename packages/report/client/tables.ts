// Tables sorted by their heads: once for falling (or, for text, rising) order, once more for the other.
import { all, one } from './dom.ts';

type Order = 'ascending' | 'descending';

export function startTables(): void {
  for (const table of all<HTMLTableElement>('table.sortable')) {
    const heads = all<HTMLTableCellElement>('thead th', table);
    const status = document.createElement('p');
    status.className = 'hidden';
    status.setAttribute('role', 'status');
    table.closest('.scroller')?.after(status);
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const order = nextOrder(head);
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', order);
        sortRows(one<HTMLTableSectionElement>('tbody', table), column, order);
        status.textContent = `Sorted by ${button.textContent}, ${order}`;
      });
    });
  }
}

/** Numbers are wanted largest first, names from A. */
function nextOrder(head: HTMLTableCellElement): Order {
  const current = head.getAttribute('aria-sort');
  if (current) return current === 'ascending' ? 'descending' : 'ascending';
  return head.classList.contains('number') ? 'descending' : 'ascending';
}

function sortRows(body: HTMLTableSectionElement, column: number, order: Order): void {
  const sign = order === 'ascending' ? 1 : -1;
  const rows = [...body.rows].map((row) => ({ row, value: sortValue(row.cells[column]) }));
  rows.sort((a, b) => {
    if (a.value === '' || b.value === '') return Number(a.value === '') - Number(b.value === ''); // empty cells stay last
    return sign * compareValues(a.value, b.value);
  });
  body.append(...rows.map(({ row }) => row));
}

function sortValue(cell: HTMLTableCellElement): string {
  return cell.dataset.value ?? cell.textContent ?? '';
}

function compareValues(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, 'en', { numeric: true }) : x - y;
}

/** The verdict filter of the index page. */
export function startFilter(): void {
  for (const controls of all('[data-filter]')) {
    const select = one<HTMLSelectElement>('select', controls);
    const rows = all<HTMLTableRowElement>(`table.${controls.dataset.filter} tbody tr`);
    select.addEventListener('change', () => {
      for (const row of rows) row.hidden = select.value !== '' && row.dataset.kind !== select.value;
    });
  }
}
