import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyIMU

@Suite struct ImageBindIMUTests {
    private let header = "time,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z"

    /// `count` lines whose time moves on by `step`, each cell its column's number plus the line's.
    private func table(_ count: Int, step: Double, header: String? = nil) -> Item {
        let lines = (0..<count).map { line -> String in
            let channels = (0..<6).map { "\($0 * 100 + line)" }
            return "\(Double(line) * step)," + channels.joined(separator: ",")
        }
        return Item(.bytes(Data(([header ?? self.header] + lines).joined(separator: "\n").utf8)))
    }

    @Test func windowsEndWithTheRecording() throws {
        let encoder = try encoder(["samples": 16, "rate": 100])
        var clips = try encoder.clips(of: table(40, step: 0.01))
        let pieces = try clips.next(9)
        #expect(pieces.map { $0.clip.values[0] } == [0, 16, 24])
        #expect(pieces.map { $0.clip.values[5 * 16] } == [500, 516, 524])
        #expect(pieces[2].range == 0.24..<0.4)
        var few = try encoder.clips(of: table(10, step: 0.01))
        let short = try few.next(9)
        #expect(short.count == 1 && short[0].clip.values[9] == 9 && short[0].clip.values[10] == 0)
    }

    @Test func timeTellsTheRate() throws {
        #expect(try abs(#require(Motion(table(11, step: 0.005)).rate) - 200) < 1e-6)
        #expect(try abs(#require(Motion(table(11, step: 5)).rate) - 200) < 1e-6)
        let named = header.replacing("time", with: "t_us")
        #expect(try abs(#require(Motion(table(11, step: 5, header: named)).rate) - 200_000) < 1e-3)
        // Twice as many samples, by straight lines.
        var clips = try encoder(["samples": 8, "rate": 400]).clips(of: table(5, step: 0.005))
        #expect(try #require(try clips.next()).clip.values.prefix(8) == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5])
    }

    @Test func columnsAreFoundByName() throws {
        let item = Item(.bytes(Data("gyro_x;gyro_y;gyro_z;Acc X;Acc Y;Acc Z\n1;2;3;4;5;6\n".utf8)))
        #expect(try Motion(item).channels == [[4], [5], [6], [1], [2], [3]])
        #expect(try Motion(Item(.bytes(Data("1\t2\t3\t4\t5\t6\n".utf8)))).rate == nil)
    }

    @Test(arguments: ["temp", "turn", "total", "tilt_ms", "t_x"]) func otherNamesInTAreNoTime(name: String) throws {
        let motion = try Motion(table(11, step: 0.005, header: header.replacing("time", with: name)))
        #expect(motion.rate == nil)
        #expect(motion.channels.map { $0[3] } == [3, 103, 203, 303, 403, 503])
    }

    @Test func arraysMayLieEitherWay() throws {
        let scratch = try TemporaryFolder()
        let motion = Tensor.varied([6, 9])
        try NumpyFile.write(motion, to: scratch.file("a.npy"))
        try NumpyFile.write(motion.transposed(), to: scratch.file("b.npy"))
        try NumpyFile.write(.stacked([motion, motion]), to: scratch.file("c.npy"))
        let wanted = try Motion(.file(scratch.file("a.npy"))).channels
        #expect(try Motion(.file(scratch.file("b.npy"))).channels == wanted)
        #expect(try Motion(Item(.row(scratch.file("c.npy"), 1))).channels == wanted)
        #expect(throws: MotionError.self) { try Motion(.file(scratch.file("c.npy"))) }
    }

    @Test(
        arguments: [
            ("1,2,3\n4,5,6\n", "columns"), ("1,2,3,4,5,6\n1,2,3,4,five,6\n", "line 2"), ("", "six"),
            ("t,a,b,c,d,e,f\n1,0,0,0,0,0,0\n1,0,0,0,0,0,0\n", "rise"), ("1,2,3,4,5,inf\n", "finite"),
            ("1,2,3,4,5,6\n1,2,3\n", "line 2"),
        ])
    func tablesThatAreNoMotion(text: String, complaint: String) throws {
        let error = #expect(throws: MotionError.self) { try Motion(Item(.bytes(Data(text.utf8)))) }
        #expect(try #require(error).description.contains(complaint))
    }

    private func encoder(_ config: [String: Config]) throws -> ImageBindIMU {
        let base: [String: Config] = ["width": 8, "heads": 2, "layers": 1]
        return try ImageBindIMU(.map(base.merging(config) { $1 }), Parameters().scope)
    }
}
