#pragma once
#include <cstddef>
#include <new>
#include <pgreactor/detail/frame_pool.hpp>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/export.hpp>
#include <utility>

namespace pgreactor::detail {

/// One statement of a batch; its memory is recycled.
class BatchedRequest : public Request {
 public:
  virtual ~BatchedRequest() = default;
  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) noexcept {
    FramePool::release(memory, size);
  }

 protected:
  explicit BatchedRequest(Keep keep) noexcept : Request(keep) {}

 private:
  friend class BatchRequest;
  BatchedRequest* next_ = nullptr;
};

/// Statements under one Sync. The connection has one slot for all of them, and gives each answer
/// to the statement that is current; the batch itself is what is finished.
class PGREACTOR_API BatchRequest : public Request {
 public:
  /// More at once would need their answers read before their end is sent.
  static constexpr std::size_t most = 100'000;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Calls `visit(request)` for each statement in order until it returns false.
  template <class Visit>
  bool all_of(Visit visit) {
    for (BatchedRequest* each = first_; each != nullptr; each = each->next_)
      if (!visit(*each)) return false;
    return true;
  }
  /// The statement whose answer comes next; null when all are answered.
  Request* current() noexcept { return current_; }
  Request* first() noexcept { return first_; }
  Request* last() noexcept { return last_; }
  void rewind() noexcept { current_ = first_; }
  void advance() noexcept { current_ = current_->next_; }
  bool begin_again() noexcept override {
    for (BatchedRequest* each = first_; each != nullptr; each = each->next_)
      static_cast<void>(each->begin_again());
    return Request::begin_again();
  }

 protected:
  BatchRequest() noexcept : Request(Keep::batched) {}
  BatchRequest(const BatchRequest&) = delete;
  BatchRequest& operator=(const BatchRequest&) = delete;
  ~BatchRequest() { clear(); }

  void append(BatchedRequest* item) noexcept {
    (last_ == nullptr ? first_ : last_->next_) = item;
    last_ = item;
    ++size_;
  }
  void clear() noexcept {
    while (first_ != nullptr) delete std::exchange(first_, first_->next_);
    last_ = current_ = nullptr;
    size_ = 0;
    ran_ = false;
  }

 private:
  std::size_t parameter_count() const noexcept override { return 0; }
  ParameterFailure write_parameters(std::span<const Oid>, ByteBuffer&) const override { return {}; }

  BatchedRequest* first_ = nullptr;
  BatchedRequest* last_ = nullptr;
  BatchedRequest* current_ = nullptr;
  std::size_t size_ = 0;

 protected:
  bool ran_ = false;  // or is about to
};

}  // namespace pgreactor::detail
