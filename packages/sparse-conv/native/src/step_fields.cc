#include "step_fields.h"

namespace stint {
namespace {

constexpr int64_t LINE = 16;  // floats of a cache line

std::string sizes(int64_t batch, int64_t height, int64_t width) {
  return "[" + std::to_string(batch) + "," + std::to_string(height) + "," + std::to_string(width) + "]";
}

}  // namespace

Span readSpan(const Program& program, Arguments& arguments, const char* name) {
  const int64_t offset = arguments.integer(name, 0, MAX_FLOATS), length = arguments.integer(name, 0, MAX_FLOATS);
  if (offset % LINE != 0) {
    arguments.outOfRange(name, "begins at " + std::to_string(offset) + "; give a multiple of " + std::to_string(LINE));
  }
  if (offset + length > program.arena.size()) {
    arguments.outOfRange(name, "ends at " + std::to_string(offset + length) + ", outside an arena of " +
                                   std::to_string(program.arena.size()) + " floats");
  }
  return {offset, length};
}

float* StepFields::span(const char* name, int64_t length) {
  const Span span = readSpan(program_, arguments_, name);
  if (span.length < length) {
    arguments_.outOfRange(name, "has " + std::to_string(span.length) + " floats; give " + std::to_string(length));
  }
  float* begin = program_.arena.data() + span.offset;
  note(name, begin, length);
  return begin;
}

const float* StepFields::input(const char* name, int64_t length) { return span(name, length); }

float* StepFields::output(const char* name, int64_t length, const char* same) {
  float* begin = span(name, length);
  const Used written = used_.back();
  for (size_t i = 0; i + 1 < used_.size(); ++i) {
    const bool apart = written.end <= used_[i].begin || used_[i].end <= written.begin;
    const bool allowed = same && std::strcmp(used_[i].name, same) == 0 && used_[i].begin == begin;
    if (!apart && !allowed) arguments_.outOfRange(name, std::string("lies over ") + used_[i].name + "; give a span of its own");
  }
  return begin;
}

int StepFields::slot(const char* name) {
  if (program_.slots.empty()) arguments_.outOfRange(name, "names a mask of a program that has none");
  return static_cast<int>(arguments_.integer(name, 0, static_cast<int64_t>(program_.slots.size()) - 1));
}

int StepFields::slotOf(const char* name, int64_t batch, int64_t height, int64_t width) {
  const int index = slot(name);
  const MaskSlot& found = program_.slots[index];
  if (found.batch != batch || found.height != height || found.width != width) {
    arguments_.outOfRange(name, "is mask " + std::to_string(index) + " of " + sizes(found.batch, found.height, found.width) + "; " +
                                    sizes(batch, height, width) + " is needed");
  }
  return index;
}

}  // namespace stint
