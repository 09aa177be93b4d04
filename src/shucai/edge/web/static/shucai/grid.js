/* 明细表 detail grid: Tabulator over the rows of the document; sums in whole cents.

   #sc-grid mounts from the JSON in #sc-grid-data {columns, rows, names, editable}. A cell holds
   what a person types (a code, a number); names only dress it. The rows travel back in the
   textarea named "lines". */
(() => {
  "use strict";
  const LIMIT = 5000;
  const MONEY = /^-?\d{1,15}(\.\d{1,2})?$/;

  /** Cents as BigInt, or null for what is no amount. */
  function cents(text) {
    const plain = String(text ?? "").trim();
    if (!MONEY.test(plain)) return null;
    const [whole, part = ""] = plain.replace("-", "").split(".");
    const value = BigInt(whole) * 100n + BigInt(part.padEnd(2, "0"));
    return plain.startsWith("-") ? -value : value;
  }

  function spell(value) {
    const size = value < 0n ? -value : value;
    const whole = String(size / 100n).replace(/\B(?=(\d{3})+$)/g, ",");
    return `${value < 0n ? "-" : ""}${whole}.${String(size % 100n).padStart(2, "0")}`;
  }

  const sum = (values) => values.reduce((total, value) => total + (cents(value) ?? 0n), 0n);

  /** What Excel and people put around a value, taken off. */
  function tidy(column, text) {
    let plain = String(text ?? "").replace(/[\u00a0\u3000]/g, " ").trim();
    plain = plain.replace(/[０-９．]/g, (ch) => String.fromCharCode(ch.charCodeAt(0) - 0xfee0));
    if (column.kind === "money") {
      const amount = plain.replace(/[,，¥￥\s元]/g, "");
      return amount !== "" && !MONEY.test(amount) && Number.isFinite(Number(amount)) ? roundless(amount) : amount;
    }
    if (column.kind === "choice") return column.options.find(([v, l]) => v === plain || l === plain)?.[0] ?? plain;
    if (column.kind === "element" || column.kind === "unit") return plain.split(/\s/)[0];
    if (column.kind === "date") return plain.replace(/[/.]/g, "-");
    return plain;
  }

  /** 1e3 and 12.500 become plain figures; 0.125 stays as it is and is refused by the server. */
  function roundless(text) {
    const exact = text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
    return MONEY.test(exact) ? exact : text;
  }

  const spread = (text) => {
    const rows = [];
    let row = [], cell = "", quoted = false;
    const body = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let i = 0; i < body.length; i += 1) {
      const ch = body[i];
      if (quoted) {
        if (ch === '"' && body[i + 1] === '"') { cell += '"'; i += 1; }
        else if (ch === '"') quoted = false;
        else cell += ch;
      } else if (ch === '"' && cell === "") quoted = true;
      else if (ch === "\t") { row.push(cell); cell = ""; }
      else if (ch === "\n") { row.push(cell); rows.push(row); row = []; cell = ""; }
      else cell += ch;
    }
    row.push(cell);
    rows.push(row);
    return rows;
  };

  class Grid {
    constructor(mount) {
      const said = JSON.parse(document.getElementById("sc-grid-data").textContent);
      this.mount = mount;
      this.columns = said.columns;
      this.names = said.names;
      this.editable = said.editable;
      this.marks = new Map();
      this.box = document.querySelector('#sc-doc textarea[name="lines"]');
      this.sent = [];
      this.next = 1;
      this.table = new Tabulator(mount, this.options(said.rows));
      this.table.on("cellEdited", () => this.changed());
      this.table.on("historyUndo", () => this.changed());
      this.table.on("historyRedo", () => this.changed());
      this.table.on("tableBuilt", () => { this.ready = true; this.write(); this.listen(); });
    }

    options(rows) {
      const data = rows.map((row) => ({ ...row, _id: this.next++ }));
      const fill = this.editable ? Math.max(0, 5 - data.length) : 0;
      for (let i = 0; i < fill; i += 1) data.push(this.blank());
      return {
        data, index: "_id", layout: "fitColumns", placeholder: "没有明细", history: this.editable,
        maxHeight: 36 * 14 + 74, columnHeaderVertAlign: "middle",
        selectableRange: 1, selectableRangeColumns: true, selectableRangeRows: true, selectableRangeClearCells: this.editable,
        selectableRangeClearCellsValue: "", selectableRangeAutoFocus: false, selectableRangeInitializeDefault: this.editable, editTriggerEvent: "dblclick",
        clipboard: "copy", clipboardCopyStyled: false, clipboardCopyConfig: { rowHeaders: false, columnHeaders: false },
        clipboardCopyRowRange: "range", tabEndNewRow: false,
        rowHeader: { title: "序号", formatter: "rownum", width: 48, minWidth: 48, hozAlign: "center", headerHozAlign: "center",
          resizable: false, headerSort: false, frozen: true },
        columnDefaults: { headerSort: false, resizable: "header", minWidth: 70 },
        columns: this.columns.map((column) => this.column(column)),
        rowFormatter: (row) => this.dress(row),
      };
    }

    column(column) {
      const number = column.kind === "money" || column.kind === "number";
      const made = {
        title: (column.required && this.editable ? "* " : "") + column.label, field: column.name,
        widthGrow: column.grow, minWidth: column.width,
        cssClass: `${number ? "sc-num" : ""}${this.editable ? " sc-can" : ""}`.trim(),
        hozAlign: number ? "right" : "left", headerHozAlign: number ? "right" : "left",
        formatter: (cell) => this.show(column, cell.getValue()), tooltip: (_, cell) => this.hint(column, cell),
      };
      if (column.help) made.headerTooltip = column.help;
      if (column.fixed) made.cssClass = made.cssClass.replace("sc-can", "sc-set");
      if (this.editable && !column.fixed) made.editor = (...parts) => this.editor(column, ...parts);
      if (column.kind === "money") {
        made.bottomCalc = (values) => spell(sum(values));
        made.bottomCalcFormatter = "plaintext";
      }
      return made;
    }

    show(column, value) {
      if (value === "" || value === null || value === undefined) return "";
      if (column.kind === "money") {
        const exact = cents(value);
        return exact === null ? this.safe(value) : spell(exact);
      }
      if (column.kind === "choice") return this.safe(column.options.find(([v]) => v === value)?.[1] ?? value);
      const name = this.names[column.name]?.[value];
      if (name === undefined) return this.safe(value);
      return `<span class="sc-code">${this.safe(value)}</span>${this.safe(name)}`;
    }

    safe(text) {
      const span = document.createElement("span");
      span.textContent = text;
      return span.innerHTML;
    }

    hint(column, cell) {
      const mark = this.marks.get(`${cell.getData()._id}:${column.name}`);
      const text = cell.getElement().textContent;
      return mark || (cell.getElement().scrollWidth > cell.getElement().clientWidth ? text : "");
    }

    dress(row) {
      const data = row.getData();
      for (const cell of row.getCells()) {
        const field = cell.getField();
        if (!field) continue;
        const bad = this.marks.has(`${data._id}:${field}`);
        cell.getElement().classList.toggle("sc-bad", bad);
        cell.getElement().setAttribute("aria-invalid", String(bad));
      }
    }

    /* ---- editing ---- */
    editor(column, cell, rendered, success, cancel) {
      const seed = this.seed;
      this.seed = undefined;
      const input = document.createElement(column.kind === "choice" ? "select" : "input");
      if (column.kind === "choice") {
        input.append(new Option("", ""), ...column.options.map(([value, label]) => new Option(label, value)));
      } else if (column.pick) {
        input.dataset.pick = column.pick;
        if (column.kind === "text") input.dataset.free = "";
        input.setAttribute("role", "combobox");
        input.setAttribute("aria-autocomplete", "list");
      }
      input.setAttribute("aria-label", column.label);
      input.autocomplete = "off";
      if (column.kind === "money") input.inputMode = "decimal";
      input.value = seed ?? cell.getValue() ?? "";
      let over = false;
      const done = (move) => {
        if (over) return;
        over = true;
        window.Shucai.picker.close();
        success(tidy(column, input.value));
        if (move) this.move(move); // at once: the next key may already be on its way
      };
      input.addEventListener("pick:chosen", (event) => {
        this.name(column.name, event.detail.value, event.detail.text);
        input.value = event.detail.value;
        done("right");
      });
      input.addEventListener("blur", () => done());
      input.addEventListener("keydown", (event) => {
        if (event.isComposing || event.defaultPrevented) return;
        const move = { Enter: event.shiftKey ? "up" : "down", Tab: event.shiftKey ? "left" : "right" }[event.key]
          || (seed !== undefined && { ArrowUp: "up", ArrowDown: "down" }[event.key]);
        if (event.key === "Escape") { over = true; cancel(); }
        else if (move) done(move);
        else return;
        event.preventDefault();
        event.stopPropagation();
      });
      rendered(() => {
        input.focus({ preventScroll: true });
        if (seed === undefined) input.select?.();
        if (column.pick) {
          if (seed) input.dataset.typed = seed;
          window.Shucai.picker.open(input);
        }
      });
      return input;
    }

    get ranges() { return this.table.modules.selectRange; }
    get range() { return this.table.getRanges()[0]; }

    move(way) {
      const cell = this.ranges.getActiveCell();
      const fields = this.columns.map((column) => column.name);
      const last = cell && cell.column.field === fields.at(-1);
      const first = cell && cell.column.field === fields[0];
      const rows = this.table.getRows("active");
      const place = cell ? rows.findIndex((row) => row.getData()._id === cell.row.data._id) : 0;
      if (way === "right" && last) return this.goto(place + 1, fields[0]);
      if (way === "left" && first) return place > 0 && this.goto(place - 1, fields.at(-1));
      if (way === "down" && place === rows.length - 1) return this.goto(place + 1, cell.column.field);
      this.ranges.navigate(false, false, way);
      return this.focus();
    }

    /** A cell by row place and field; one past the last row makes a row. */
    goto(place, field) {
      if (place >= this.table.getDataCount() && !this.append()) return;
      const row = this.table.getRows("active")[place];
      const cell = row?.getCell(field);
      if (!cell) return;
      this.ranges.selecting = "cell";
      this.ranges.activeRange.setBounds(cell._getSelf(), cell._getSelf());
      this.ranges.layoutElement(true);
      this.focus();
      const seen = this.table.rowManager.element.getBoundingClientRect(), box = row.getElement().getBoundingClientRect();
      if (!box.height || box.top < seen.top || box.bottom > seen.bottom) this.table.scrollToRow(row, "nearest", false).catch(() => undefined);
    }

    focus() { this.table.rowManager.element.focus({ preventScroll: true }); }

    listen() {
      const holder = this.table.rowManager.element;
      holder.setAttribute("aria-label", "明细，方向键移动，Enter 编辑");
      this.mount.addEventListener("paste", (event) => this.paste(event), true);
      holder.addEventListener("keydown", (event) => this.key(event), true);
      holder.addEventListener("focus", () => { if (!this.ranges.getActiveCell()) this.goto(0, this.columns[0].name); });
    }

    key(event) {
      if (this.table.modules.edit?.currentCell || event.target !== this.table.rowManager.element) return;
      const command = event.ctrlKey || event.metaKey;
      if (event.key === "Tab") {
        const cell = this.ranges.getActiveCell();
        const rows = this.table.getRows("active");
        const atEnd = cell && cell.column.field === this.columns.at(-1).name
          && cell.row.data._id === rows.at(-1)?.getData()._id;
        const atStart = cell && cell.column.field === this.columns[0].name && cell.row.data._id === rows[0]?.getData()._id;
        if (!cell || (event.shiftKey ? atStart : atEnd)) return; // Tab leaves the grid at its ends
        this.move(event.shiftKey ? "left" : "right");
      } else if (!this.editable) return;
      else if (event.key === "Enter" && !command) this.edit();
      else if (command && event.key === "d") this.duplicate();
      else if (command && (event.key === "Delete" || event.key === "Backspace")) this.remove();
      else if (event.key === "Insert" || (command && event.key === "Enter")) this.add();
      else if (event.key === "F2") this.edit();
      else if (!command && !event.altKey && (event.key.length === 1 || event.key === "Process" || event.isComposing)) {
        this.edit(event.key.length === 1 ? event.key : "");
        if (event.key.length !== 1) return;
      } else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }

    edit(seed) {
      const cell = this.ranges.getActiveCell();
      if (!cell || !cell.column.field || this.columns.find((column) => column.name === cell.column.field)?.fixed) return;
      this.seed = seed;
      this.table.modules.edit.editCell(cell);
    }

    paste(event) {
      if (!this.editable || event.target instanceof HTMLInputElement) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      event.preventDefault();
      event.stopPropagation();
      if (text) this.put(spread(text));
    }

    /** Writes a block of texts from the top left of the selection; one value fills the selection. */
    async put(block) {
      const range = this.range;
      const fields = range.getColumns().map((column) => column.getField()).filter(Boolean);
      const names = this.columns.map((column) => column.name);
      const rows = this.table.getRows("active");
      const top = rows.findIndex((row) => row.getData()._id === range.getRows()[0].getData()._id);
      const left = Math.max(0, names.indexOf(fields[0] ?? names[0]));
      const single = block.length === 1 && block[0].length === 1;
      const height = single ? range.getRows().length : block.length;
      const width = single ? fields.length : Math.max(...block.map((line) => line.length));
      const missing = Math.min(top + height, LIMIT) - rows.length;
      if (missing > 0) await this.table.addData(Array.from({ length: missing }, () => this.blank()), false);
      const targets = this.table.getRows("active").slice(top, top + height);
      this.table.blockRedraw();
      targets.forEach((row, y) => {
        for (let x = 0; x < width && left + x < names.length; x += 1) {
          const column = this.columns[left + x];
          if (column.fixed) continue; // what a layout fixes or computes is not pasted over
          const text = single ? block[0][0] : block[y][x];
          if (text !== undefined) row.getCell(column.name).setValue(tidy(column, text));
        }
      });
      this.table.restoreRedraw();
      const corner = targets.at(-1)?.getCell(names[Math.min(left + width, names.length) - 1]);
      if (corner) this.ranges.activeRange.setBounds(targets[0].getCell(names[left])._getSelf(), corner._getSelf());
      this.changed();
      this.focus();
      if (top + height > LIMIT) this.tell(`粘贴内容超过 ${LIMIT} 行，超出部分没有粘贴`);
    }

    tell(text) { document.dispatchEvent(new CustomEvent("shucai:tell", { detail: text })); }

    /* ---- rows ---- */
    blank() { return Object.fromEntries([["_id", this.next++], ...this.columns.map((column) => [column.name, ""])]); }
    get chosen() { return this.range?.getRows() ?? []; }

    append(anchor) {
      if (this.table.getDataCount() >= LIMIT) { this.tell(`明细最多 ${LIMIT} 行`); return false; }
      this.table.addRow(this.blank(), false, anchor);
      return true;
    }

    /** A blank row below the selection, and into it. */
    add() {
      const anchor = this.chosen.at(-1);
      if (!this.append(anchor)) return;
      this.changed();
      this.goto(anchor ? anchor.getPosition() : this.table.getDataCount() - 1, this.columns[0].name);
    }

    async duplicate() {
      for (const row of this.chosen) {
        await this.table.addRow({ ...row.getData(), _id: this.next++ }, false, row);
      }
      this.changed();
    }

    async remove() {
      const rows = this.chosen;
      const place = Math.max(0, (rows[0]?.getPosition() ?? 1) - 1);
      const field = this.ranges.getActiveCell()?.column.field || this.columns[0].name;
      await Promise.all(rows.map((row) => row.delete()));
      if (!this.table.getDataCount()) this.append();
      this.goto(Math.min(place, this.table.getDataCount() - 1), field);
      this.changed();
    }

    /* ---- exchange with the form ---- */
    name(field, value, text) { (this.names[field] ??= {})[value] = text; }

    isEmpty(row) { return this.columns.every((column) => column.fixed || String(row[column.name] ?? "").trim() === ""); }

    /** Rows that say something go into the form; `sent` remembers which row became which line. */
    write() {
      const rows = this.table.getData().filter((row) => !this.isEmpty(row));
      this.sent = rows.map((row) => row._id);
      const computed = this.columns.filter((column) => column.computed).map((column) => [column.name, ""]);
      const plain = ({ _id, ...row }) => ({ ...row, ...Object.fromEntries(computed) }); // the server computes
      if (this.box) this.box.value = JSON.stringify(rows.map(plain));
      return rows;
    }

    get total() { return sum(this.table.getData().map((row) => row.amount)); }

    changed() {
      this.write();
      this.mount.dispatchEvent(new CustomEvent("grid:changed", { bubbles: true }));
    }

    /** Marks from the server: [{at: "lines[3].amount", text}]; what is not told again is well. */
    mark(findings) {
      this.marks.clear();
      for (const { at, text } of findings) {
        const [, seq, field] = /^lines\[(\d+)\]\.(\w+)/.exec(at) || [];
        if (seq) this.marks.set(`${this.sent[seq - 1]}:${field}`, text);
      }
      this.table.getRows("active").forEach((row) => this.dress(row));
    }

    learn(names) {
      for (const [field, known] of Object.entries(names)) Object.assign((this.names[field] ??= {}), known);
      if (!this.table.modules.edit?.currentCell) this.table.getRows("visible").forEach((row) => row.reformat());
    }

    /** Values the server computed, by column, for the rows as they were sent. */
    compute(columns) {
      for (const [name, texts] of Object.entries(columns)) {
        this.sent.forEach((id, place) => this.table.getRow(id)?.getCell(name)?.setValue(texts[place] ?? "", false));
      }
    }

    /** Ends an open cell editor as if the person had moved on. */
    commit() { document.activeElement?.closest?.(".tabulator-editing")?.querySelector("input, select")?.blur(); }

    reset(rows) {
      this.table.setData(rows.map((row) => ({ ...this.blank(), ...row })));
      this.changed();
    }

    jump(at) {
      const [, seq, field] = /^lines\[(\d+)\]\.(\w+)/.exec(at) || [];
      const place = this.table.getRows("active").findIndex((row) => row.getData()._id === this.sent[seq - 1]);
      if (place >= 0) this.goto(place, field);
      this.mount.scrollIntoView({ block: "center" });
    }
  }

  const mount = document.getElementById("sc-grid");
  const grid = mount ? new Grid(mount) : null;
  window.Shucai = Object.assign(window.Shucai || {}, { grid, money: { cents, spell } });
})();
