// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.AffineTransformOp;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;

/**
 * Draws each line of stdin with three logical fonts and sizes, scales the picture, makes PNG and JPEG of it, reads both
 * again, and prints a checksum of all pixels. Headless; {@code no fonts} where the machine has none.
 */
public final class DrawnText {
    private static final String[] FONTS = {Font.SANS_SERIF, Font.SERIF, Font.MONOSPACED};
    private static final int WIDTH = 640;
    private static final int HEIGHT = 120;

    private DrawnText() {}

    public static void main(String[] args) throws IOException {
        System.setProperty("java.awt.headless", "true");
        System.out.println(hasFonts() ? "ready" : "no fonts");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println("drawn " + checksum(draw(line)));
        }
    }

    /** Without fontconfig the JDK throws an Error of its own. */
    private static boolean hasFonts() {
        try {
            return GraphicsEnvironment.getLocalGraphicsEnvironment().getAllFonts().length > 0;
        } catch (Error | RuntimeException e) {
            System.out.println(e);
            return false;
        }
    }

    private static BufferedImage draw(String text) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        for (int i = 0; i < FONTS.length; i++) {
            graphics.setFont(new Font(FONTS[i], i == 1 ? Font.BOLD : Font.PLAIN, 14 + 6 * i));
            graphics.drawString(text, 10, 30 + 35 * i);
        }
        graphics.dispose();
        return new AffineTransformOp(AffineTransform.getScaleInstance(0.5, 0.5), AffineTransformOp.TYPE_BICUBIC)
                .filter(image, new BufferedImage(WIDTH / 2, HEIGHT / 2, BufferedImage.TYPE_INT_RGB));
    }

    private static String checksum(BufferedImage image) throws IOException {
        BufferedImage png = throughFormat(image, "png");
        if (!Arrays.equals(pixels(image), pixels(png))) {
            throw new IllegalStateException("the PNG is another picture");
        }
        CRC32C crc = new CRC32C();
        for (int[] all : new int[][] {pixels(png), pixels(throughFormat(image, "jpeg"))}) {
            for (int pixel : all) {
                crc.update(pixel >> 16 & 0xff);
                crc.update(pixel >> 8 & 0xff);
                crc.update(pixel & 0xff);
            }
        }
        return Long.toHexString(crc.getValue());
    }

    private static BufferedImage throughFormat(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, format, bytes)) {
            throw new IllegalStateException("no writer of " + format);
        }
        return ImageIO.read(new ByteArrayInputStream(bytes.toByteArray()));
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
