// A fixed number of threads that share out numbered tasks. The caller is one of them: a pool of 1 starts no thread and locks nothing.
//
// The operations of a network follow one another within microseconds, and waking a sleeping thread takes as long as a small one of them
// (50 us here: a detector of 3 ms and 60 operations gained nothing from a second thread). So who waits looks on for a while before it sleeps.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace stint {

class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /** Calls work(task, thread) for each task in [0, tasks), in any order, thread in [0, size()); returns when all are done. */
  template <typename Work>
  void run(int64_t tasks, Work&& work) {
    if (workers_.empty() || tasks <= 1) {
      for (int64_t task = 0; task < tasks; ++task) work(task, 0);
      return;
    }
    using Function = std::remove_reference_t<Work>;
    runOnAll(
        tasks, [](void* context, int64_t task, int thread) { (*static_cast<Function*>(context))(task, thread); },
        const_cast<void*>(static_cast<const void*>(&work)));
  }

 private:
  using Call = void (*)(void* context, int64_t task, int thread);

  void runOnAll(int64_t tasks, Call call, void* context);
  void workerLoop(int thread);
  void takeTasks(int thread) noexcept;
  void stop();

  /** Waits until `done`, first awake, then asleep on `condition`. Who makes it true calls wake(condition). */
  template <typename Done>
  void wait(std::condition_variable& condition, Done done);
  void wake(std::condition_variable& condition);

  std::vector<std::thread> workers_;
  const bool looksOn_;  // not where there are more threads than processors: it would keep another one from working
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable finished_;
  std::atomic<int> sleepers_{0};
  std::atomic<uint64_t> round_{0};  // of tasks; what follows is written before it counts up, and read after
  std::atomic<int> busy_{0};
  std::atomic<bool> stopping_{false};
  Call call_ = nullptr;
  void* context_ = nullptr;
  int64_t tasks_ = 0;
  std::atomic<int64_t> next_{0};
  std::exception_ptr error_;  // guarded by mutex_
};

}  // namespace stint
