#ifndef NACRE_CORE_FEATURES_H
#define NACRE_CORE_FEATURES_H

namespace nacre::runtime {

/// The architecture this runtime was built for, as in nacre_descriptor.arch.
extern const char *const host_arch;

enum class Feature { present, missing, unknown };

/// Looks up a CPU feature by LLVM's name. `present` means usable: the operating
/// system saves its registers too.
Feature find_feature(const char *name);

} // namespace nacre::runtime

#endif // NACRE_CORE_FEATURES_H
