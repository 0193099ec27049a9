// What the runs of an experiment are judged by. Reports of object detection are the default.

export interface ReportMetrics {
  /** Columns of the tables, the primary metric first: it is plotted against MACs. In percent. */
  shown: readonly string[];
  /** Those that fit on a console. */
  brief: readonly string[];
  /** What they are, one clause, for the legend. */
  legend: string;
}

export const DETECTION_METRICS: ReportMetrics = {
  shown: ['AP', 'AP50', 'AP75', 'APs', 'APm'],
  brief: ['AP', 'AP50', 'APs'],
  legend: 'AP in COCO percent',
};
