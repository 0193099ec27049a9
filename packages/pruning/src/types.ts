// What pruning works on and what it says it did.
import type { FpnConfig, ResNetConfig } from '@stint/backbones/plain';

/** Row-major float32 values: filters [k,k,in,out], depth-wise ones [k,k,C,1], matrices [in,out]. */
export interface NamedTensor {
  shape: readonly number[];
  data: Float32Array;
}

export type Entries = ReadonlyMap<string, NamedTensor>;

/** A tensor outside of the backbone and the pyramid that has the channels of a feature map along one of its axes. */
export interface Reader {
  parameter: string;
  axis: number;
  /** The axis holds all channels this many times over, channels running fastest (a flattened grid [49 C]: 49). Default 1. */
  repeat?: number;
}

/** A network: what stands in it, and the names its parameters have in a checkpoint. May say more (a head, categories): that is handed on. */
export interface ModelDescription {
  backbone: ResNetConfig;
  /** The pyramid above all stages of the backbone. */
  fpn?: Omit<FpnConfig, 'inChannels'> & { inChannels?: number[] };
  /** What stands before the names of torchvision's ResNet and FeaturePyramidNetwork. Default 'backbone.body.' and 'backbone.fpn.', or nothing without a pyramid. */
  prefix?: { backbone?: string; fpn?: string };
  /**
   * Who reads the feature maps handed out: stage outputs ('layer4') and the pyramid's maps ('fpn', one name for all levels). If given, it is
   * complete: a map that is not named is read by nobody else. Default: nobody is known, so the channels stay of the pyramid's maps;
   * without a pyramid, of all stages, unless the backbone has its classifier.
   */
  readers?: Record<string, readonly Reader[]>;
}

/** An axis of a parameter that runs over the channels of a group. */
export interface Member {
  parameter: string;
  axis: number;
  repeat: number;
  /** `filter`: a convolution that makes the channels. `scale`: the scale of a batch norm on them. `other`: what else goes with them. */
  use: 'filter' | 'scale' | 'other';
}

/** Channels that can only go together, from every tensor that has them. */
export interface ChannelGroup {
  /** Names of the feature maps joined by '+': 'layer1.0.conv1', 'layer1' (the residual stream of a stage), 'fpn.inner', 'conv2+layer1'. */
  name: string;
  /** The same one by one; for the backbone these are the keys of `ResNetConfig.widths`. */
  features: string[];
  /** The convolutions whose outputs they are. */
  layers: string[];
  channels: number;
  members: Member[];
  /** Why no channel may go. */
  fixed?: string;
}

export type PruneOptions = PruneRatios &
  (
    | {
        /** `l1`: the L1 norm of the filters that make a channel (Li et al. 2017). `slimming`: |gamma| of its batch norms (Liu et al. 2017). */
        criterion: 'l1' | 'slimming';
      }
    | { criterion: 'random'; seed: number }
  );

export interface PruneRatios {
  /** Share of the channels that goes, 0 <= ratio < 1. */
  ratio: number;
  /** `layer` (default): that share of every group. `global`: of all groups' channels in one ranking. */
  scope?: 'layer' | 'global';
  /** Scope 'layer': other shares for single groups, by feature map ('layer1.0.conv1', 'layer1') or convolution. */
  ratios?: Record<string, number>;
  /** What stays is a multiple of it, the nearest one, if the group has as many channels. Default 1. */
  roundTo?: number;
  /** Groups that keep all channels, by feature map or convolution: 'layer1' is the residual stream of stage 1, /^layer1/ all of it. */
  protect?: readonly (string | RegExp)[];
}

/** Channels that stay, ascending, by name of group. */
export type Selection = Record<string, number[]>;

export interface PrunedGroup {
  name: string;
  layers: string[];
  /** Before. */
  channels: number;
  /** Which stay, ascending. */
  kept: number[];
  /** Why none was to go: protected, read by something unknown, ... */
  fixed?: string;
}
