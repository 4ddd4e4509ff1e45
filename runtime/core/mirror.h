#ifndef NACRE_CORE_MIRROR_H
#define NACRE_CORE_MIRROR_H

#include "runtime/core/memory.h"

namespace nacre::runtime {

/// What a device whose memory host code cannot reach has in place of the host's
/// blocks. A model knows the host's addresses alone; this finds the bytes of
/// the device that belong to one. A block is taken when it is first asked for.
class Mirror {
public:
  void init(const nacre_device *device, nacre_queue *queue);
  void destroy();

  enum Life {
    Run,  ///< until the next run begins
    Stays ///< until it is unbound
  };
  /// Stands for [host, host + bytes) from now on, with undefined content unless
  /// `block`, which stays its owner's, holds the bytes already. False if there
  /// is no memory for the entry.
  bool bind(const void *host, uint64_t bytes, Life life, void *block = nullptr);
  void unbind(const void *host);
  /// Whether all of these bytes are bound as parts of one block.
  bool covers(const void *host, uint64_t bytes) const;
  /// Where the byte at `host` is on the device; nothing for an address that is
  /// not bound, which only empty tensors have. False if there is no memory.
  bool find(const void *host, nacre_place *place);

  /// Forgets what was bound for the run before.
  void begin_run();
  void end_run() { blocks.end_run(); }
  uint64_t bytes() const { return blocks.bytes(); }

private:
  struct Binding {
    const char *host;
    uint64_t bytes;
    void *block;
    Life life;
    bool is_owned;
  };
  /// The last binding that begins at or before `host`, or null.
  Binding *at(const void *host) const;
  void release(const Binding &binding);

  BlockCache blocks;
  Binding *bindings; // by address, which is of each but once
  uint32_t count, capacity;
};

} // namespace nacre::runtime

#endif // NACRE_CORE_MIRROR_H
