"""One lit suite for the whole repository: every folder named test/ is in it."""
import os
import lit.formats

config.name = "nacre"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["build", "build-sanitize", "bench"]
config.test_source_root = config.nacre_source_root
config.test_exec_root = os.path.join(config.nacre_binary_root, "lit")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.nacre_binary_root, "bin"), config.llvm_tools_dir, config.environment["PATH"]]
)
config.environment["FILECHECK_OPTS"] = "--enable-var-scope --allow-unused-prefixes=false"
config.substitutions.append(("%nacre_source", config.nacre_source_root))
config.substitutions.append(("%nacre_build", config.nacre_binary_root))
