public import BinderyBinding

extension Modality {
    /// Pictures: JPEG and PNG files, their bytes, or rows of IDX and NPY files.
    public static let image = Modality("image")
        .encoder("vit") { config, scope, _ in try VisionTransformer(config, scope) }
        .encoder("resnet") { config, scope, _ in try ModifiedResNet(config, scope) }
        .encoder("swin") { config, scope, _ in try SwinTransformer(config, scope) }
        .encoder("efficientnet") { config, scope, _ in try EfficientNet(config, scope) }
        .encoder("convnext") { config, scope, _ in try ConvNeXt(config, scope) }
        .encoder("cnn") { config, scope, _ in try ConvNet(config, scope) }
        .encoder("imagebind") { config, scope, _ in try ImageBindImage(config, scope) }
        .inspected(by: .pictures)
}
