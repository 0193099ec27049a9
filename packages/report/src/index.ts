export { armsOf, type Claim, claimText, type JudgedClaim, judgeClaim, type Verdict } from './claims.ts';
export { plusMinus } from './columns.ts';
export { type CurveDifference, type CurvePoint, curveDifference, curveOf, valueAt } from './curve.ts';
export { type DrawnDetections, detectionsPng, fitted } from './detections.ts';
export type { ArmConfig } from './html/configs.ts';
export { type CostMap, type CostStage, costMap, type MaskCells, packCells, unpackCells } from './html/cost.ts';
export type { ExplorerInput, Picture } from './html/explorer.ts';
export { type IndexEntry, type IndexPageInput, indexPage } from './html/index-page.ts';
export { type MarkdownPageInput, markdownPage } from './html/markdown-page.ts';
export type { Baseline, MaskData, MaskView, PackedMask } from './html/page-data.ts';
export { pictureAddress } from './html/pictures.ts';
export { type HtmlReportInput, htmlReport } from './html/report-page.ts';
export { type ClaimSummary, type PaperSource, type ReportSummary, readSummary } from './html/summary.ts';
export { type Color, classColors, type DrawnLabels, labelsPng, paintLabels } from './labels.ts';
export { markdownReport, type ReportInput, VERDICT_COLUMNS, verdictRows } from './markdown.ts';
export { mergedOrder } from './merged-order.ts';
export { DETECTION_METRICS, type ReportMetrics } from './metrics.ts';
export { type DrawnBoxes, type DrawnMask, drawBoxes, drawMask, enlarge, type Mosaic, mosaicPng, type RgbImage } from './mosaic.ts';
export { metricMacsPlot, metricMacsSpec, type PlotOptions } from './plot.ts';
export {
  type FailedRun,
  groupIntoPoints,
  type MacSummary,
  measured,
  type Point,
  type ReportRun,
  type Spread,
  sweepLabel,
  type TapCount,
} from './runs.ts';
export { type SpeedupPlotOptions, type SpeedupPoint, speedupPlot, speedupSpec } from './speedup-plot.ts';
export { bootstrapInterval, type Interval, mean, standardDeviation } from './statistics.ts';
export { consoleTable, densityTable, markdownRows, markdownTable, summaryCsv, tableLegend } from './table.ts';
export { verdictPlot } from './verdict-plot.ts';
