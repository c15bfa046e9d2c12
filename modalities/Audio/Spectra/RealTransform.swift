internal import CFFTW
internal import CKernels
internal import Foundation

/// The power spectrum of an even number of real samples, through one complex transform of half the size.
///
/// In double precision, as the published front ends of CLAP have it: beside a loud tone, single precision would move
/// bins at −60 dB by some 0.005 dB. A plan is made once and shared by all threads. Plans are estimated, never
/// measured: the same samples give the same bytes in every run.
final class RealTransform: @unchecked Sendable {
    /// The number of samples.
    let size: Int
    /// cos and −sin of 2πk / size for k from 0 to size / 2, interleaved.
    private let turns: [Double]
    private let plan: fftw_plan

    /// The planner of FFTW keeps state of the whole process; running a plan does not.
    private static let planner = NSLock()

    init(size: Int) {
        precondition(size >= 2 && size % 2 == 0, "RealTransform: size \(size), expected even")
        self.size = size
        turns = (0...size / 2).flatMap { k in
            let angle = 2 * Double.pi * Double(k) / Double(size)
            return [cos(angle), -sin(angle)]
        }
        let workspace = Workspace(size)
        RealTransform.planner.lock()
        defer { RealTransform.planner.unlock() }
        let plan = fftw_plan_dft_1d(
            Int32(size / 2), workspace.samples.pairs, workspace.transformed.pairs, FFTW_FORWARD, UInt32(FFTW_ESTIMATE))
        guard let plan else { preconditionFailure("FFTW has no plan for \(size) samples") }
        self.plan = plan
    }

    deinit {
        RealTransform.planner.lock()
        defer { RealTransform.planner.unlock() }
        fftw_destroy_plan(plan)
    }

    /// Writes |X[k]|², or |X[k]|, of `workspace.samples` for k from 0 to size / 2 to `workspace.spectrum`.
    func callAsFunction(_ workspace: Workspace, isPower: Bool) {
        let transformed = workspace.transformed
        fftw_execute_dft(plan, workspace.samples.pairs, transformed.pairs)
        transformed[size] = transformed[0]
        transformed[size + 1] = transformed[1]
        ck_spectrum(transformed, turns, size / 2, isPower, workspace.spectrum)
    }

    /// Aligned memory for one transform at a time.
    final class Workspace {
        /// The samples to transform; zeros at first.
        let samples: UnsafeMutablePointer<Double>
        /// The complex transform of pairs of samples, and once more its first number.
        fileprivate let transformed: UnsafeMutablePointer<Double>
        /// The spectrum, and after it as many zeros as filters may read.
        let spectrum: UnsafeMutablePointer<Float>
        private let memory: UnsafeMutableRawPointer

        init(_ size: Int) {
            let stride = (size + 2 + Int(CK_MEL_BLOCK) + 15) / 16 * 16
            let doubles = stride * MemoryLayout<Double>.stride
            memory = UnsafeMutableRawPointer.allocate(
                byteCount: 2 * doubles + stride * MemoryLayout<Float>.stride, alignment: 64)
            samples = memory.bindMemory(to: Double.self, capacity: stride)
            samples.initialize(repeating: 0, count: stride)
            transformed = (memory + doubles).bindMemory(to: Double.self, capacity: stride)
            transformed.initialize(repeating: 0, count: stride)
            spectrum = (memory + 2 * doubles).bindMemory(to: Float.self, capacity: stride)
            spectrum.initialize(repeating: 0, count: stride)
        }

        deinit { memory.deallocate() }
    }
}

extension UnsafeMutablePointer<Double> {
    /// The same memory as complex numbers.
    fileprivate var pairs: UnsafeMutablePointer<fftw_complex> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: fftw_complex.self)
    }
}
