export { emojiScenes } from './emoji/emoji-scenes.ts';
export type { EmojiOptions } from './emoji/options.ts';
export { EMOJI_CLASSES } from './emoji/sprites.ts';
