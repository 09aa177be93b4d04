/* 图表 charts: draws what `data-chart` says; redraws with the window. Numbers come spelled, in the
   unit of the axis, and are only drawn, never calculated with. */
"use strict";
(() => {
  const ink = "#475467", line = "#e4e9f1", colours = ["#1a56c4", "#3f7ae0", "#84a9ee", "#2a9d78", "#c8952d", "#98a2b3"];
  const font = getComputedStyle(document.documentElement).fontFamily;
  const base = { textStyle: { fontFamily: font, color: ink }, animationDuration: 400, color: colours };
  const axis = { axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: "#5f6b80" } };
  const shown = (value) => Number(value).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const looks = {
    progress: (said) => ({ ...base,
      grid: { left: 8, right: 8, top: 34, bottom: 4, containLabel: true },
      legend: { right: 4, top: 0, itemWidth: 14, itemHeight: 8, textStyle: { color: ink } },
      tooltip: { trigger: "axis", valueFormatter: undefined, formatter: (rows) => `${rows[0].axisValue}<br>` + rows.map((row) => `${row.marker}${row.seriesName} <b>${row.seriesType === "bar" ? shown(row.value) + " " + said.unit : row.value + "%"}</b>`).join("<br>") },
      xAxis: { type: "category", data: said.names, ...axis },
      yAxis: [{ type: "value", splitNumber: 4, splitLine: { lineStyle: { color: "#eff2f7" } }, axisLabel: { color: "#5f6b80" } },
        { type: "value", min: 0, max: 100, interval: 25, splitLine: { show: false }, axisLabel: { color: "#5f6b80", formatter: "{value}%" } }],
      series: [
        { name: "当月支付", type: "bar", data: said.bars, barMaxWidth: 22, itemStyle: { color: "#bcd2f7", borderRadius: [3, 3, 0, 0] } },
        { name: "执行进度", type: "line", yAxisIndex: 1, data: said.line, symbolSize: 7, lineStyle: { width: 2.4, color: "#1a56c4" }, itemStyle: { color: "#1a56c4", borderWidth: 2 }, areaStyle: { color: "rgba(26,86,196,.07)" } },
        { name: "序时进度", type: "line", yAxisIndex: 1, data: said.time, symbol: "none", lineStyle: { width: 1.6, type: "dashed", color: "#c8952d" }, itemStyle: { color: "#c8952d" } },
      ] }),
    shares: (said) => ({ ...base,
      tooltip: { formatter: (row) => `${row.name} <b>${shown(row.value)}</b> ${said.unit}（${row.percent}%）` },
      series: [{ type: "pie", radius: ["56%", "84%"], label: { show: false }, itemStyle: { borderColor: "#fff", borderWidth: 2 },
        data: said.names.map((name, at) => ({ name, value: said.bars[at] })) }] }),
    bars: (said) => ({ ...base,
      grid: { left: 8, right: 60, top: 8, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: ([row]) => `${row.name} <b>${shown(row.value)}</b> ${said.unit}` },
      xAxis: { type: "value", splitLine: { lineStyle: { color: "#eff2f7" } }, axisLabel: { color: "#5f6b80" } },
      yAxis: { type: "category", data: said.names, inverse: true, ...axis, axisLabel: { color: ink, width: 150, overflow: "truncate" } },
      series: [{ type: "bar", data: said.bars, barMaxWidth: 16, itemStyle: { color: "#3f7ae0", borderRadius: [0, 3, 3, 0] }, label: { show: true, position: "right", color: ink, formatter: (row) => shown(row.value) } }] }),
  };
  const draw = (root) => root.querySelectorAll("[data-chart]:not([data-drawn])").forEach((spot) => {
    spot.dataset.drawn = "";
    const said = JSON.parse(spot.dataset.chart);
    const chart = echarts.init(spot);
    chart.setOption(looks[said.kind](said));
    new ResizeObserver(() => chart.resize()).observe(spot);
  });
  document.addEventListener("htmx:afterSettle", (event) => draw(event.detail.target));
  draw(document);
})();
