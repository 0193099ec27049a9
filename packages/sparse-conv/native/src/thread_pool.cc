#include "thread_pool.h"

#include <chrono>
#include <utility>

namespace stint {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto PATIENCE = std::chrono::microseconds(150);
constexpr int LOOKS = 32;  // between two looks at the clock

/** Tells the processor that this thread only waits. */
inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadPool::ThreadPool(int threads) : looksOn_(threads <= static_cast<int>(std::thread::hardware_concurrency())) {
  try {
    for (int thread = 1; thread < threads; ++thread) workers_.emplace_back(&ThreadPool::workerLoop, this, thread);
  } catch (...) {
    stop();  // the system refused a thread: end those that run, or their destructors would end the process
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  stopping_ = true;
  wake(work_);
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
}

template <typename Done>
void ThreadPool::wait(std::condition_variable& condition, Done done) {
  if (looksOn_) {
    const auto end = Clock::now() + PATIENCE;
    do {
      for (int i = 0; i < LOOKS; ++i) {
        if (done()) return;
        pause();
      }
    } while (Clock::now() < end);
  }
  std::unique_lock<std::mutex> lock(mutex_);
  // Counted before `done` is looked at for the last time: whoever makes it true afterwards sees a sleeper, and waits for the lock.
  ++sleepers_;
  condition.wait(lock, done);
  --sleepers_;
}

void ThreadPool::wake(std::condition_variable& condition) {
  if (sleepers_ == 0) return;
  { std::lock_guard<std::mutex> lock(mutex_); }
  condition.notify_all();
}

void ThreadPool::runOnAll(int64_t tasks, Call call, void* context) {
  call_ = call;
  context_ = context;
  tasks_ = tasks;
  next_ = 0;
  busy_ = static_cast<int>(workers_.size());
  ++round_;
  wake(work_);
  takeTasks(0);
  wait(finished_, [this] { return busy_ == 0; });
  if (error_) {
    const std::exception_ptr error = std::exchange(error_, nullptr);
    std::rethrow_exception(error);
  }
}

void ThreadPool::workerLoop(int thread) {
  uint64_t seen = 0;
  for (;;) {
    wait(work_, [&] { return stopping_ || round_ != seen; });
    if (stopping_) return;
    seen = round_;
    takeTasks(thread);
    if (--busy_ == 0) wake(finished_);
  }
}

void ThreadPool::takeTasks(int thread) noexcept {
  try {
    for (int64_t task = next_++; task < tasks_; task = next_++) call_(context_, task, thread);
  } catch (...) {
    std::lock_guard<std::mutex> lock(mutex_);
    error_ = std::current_exception();
    next_ = tasks_;
  }
}

}  // namespace stint
