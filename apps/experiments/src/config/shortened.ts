/** A text for a message: texts of files and arguments may be of any length. */
export const shortened = (text: string, most = 200): string => (text.length > most ? `${text.slice(0, most - 3)}...` : text);
