internal import CKernels
internal import COpenBLAS

/// The one pool of threads that kernels, front ends and loaders share.
public enum Threads {
    /// How many threads work on one job, the calling one included.
    public static var count: Int { Int(ck_threads()) }

    /// Sets how many threads work on one job; 0 means one per core.
    ///
    /// Results do not depend on it: work is cut into the same pieces whatever the number of threads.
    public static func use(_ count: Int) { ck_set_threads(Int32(clamping: count)) }

    /// Calls `body` for consecutive pieces of `grain` items of `0 ..< count`, in parallel.
    ///
    /// Pieces depend on `count` and `grain` alone. A call from inside `body` runs inline.
    public static func forEach(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
        withoutActuallyEscaping(body) { body in
            var body = body
            withUnsafeMutablePointer(to: &body) { context in
                ck_parallel_for(
                    count, max(grain, 1),
                    { context, begin, end in
                        guard let context else { return }
                        context.assumingMemoryBound(to: ((Range<Int>) -> Void).self).pointee(begin..<end)
                    }, context)
            }
        }
    }
}
